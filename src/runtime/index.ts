/** `yonder-agents/runtime`: a Host in this process, as a Backend. */
export { createLocalBackend } from './local-backend.ts';
export { realHostOptions, type RealHostInput } from './real-host.ts';
export type { HostOptions } from './host/options.ts';
