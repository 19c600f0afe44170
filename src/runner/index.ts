/** `yonder-agents/runner`: the contract of a runner, and the providers that come with Yonder. */
export * from '../protocol/runner.ts';
export * from '../protocol/runner-session.ts';
export type * from '../protocol/workspace.ts';
export { UNIX_LOCAL, unixLocal, type UnixLocalOptions } from './providers/unix-local/provider.ts';
