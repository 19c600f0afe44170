import { createHash } from 'node:crypto';
import { YonderError } from '../../protocol/errors.ts';
import type { ToolContext } from '../tool.ts';

/** Longer files are not followed: to know the content again all of it has to be read. */
export const FOLLOWED_BYTES = 8 * 1024 * 1024;

type KnownContext = Pick<ToolContext, 'workspace' | 'signal' | 'state'>;

/**
 * What this conversation knows of a file's content (R38): the digest of what it last read or wrote there, by the path with its links
 * resolved, from the workspace on. It is recorded with the call, so that it holds over a restart and is taken back by an undo.
 */
export function remember(
  { state, workspace }: Pick<ToolContext, 'state' | 'workspace'>,
  path: string,
  digest: string | undefined,
): void {
  const key = keyOf(workspace, path);
  // A file that has grown too long to follow is one of which nothing is known any more.
  if (digest !== undefined || typeof state.read(key) === 'string') state.write(key, digest ?? null);
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * What a write of the whole file must find there: the digest that is known, `null` where the file that was known is gone, and undefined
 * where nothing is known of it, so that anything may be there.
 */
export async function expected(path: string, context: KnownContext): Promise<string | null | undefined> {
  const found = await context.workspace.resolve(path, 'write');
  const known = context.state.read(keyOf(context.workspace, found.path));
  if (typeof known !== 'string') return undefined;
  return found.exists ? known : null;
}

/** The words for a write that found something else than it follows from. */
export function changedMeanwhile(path: string, what: string, cause: YonderError): YonderError {
  return new YonderError('conflict', `${path} was not changed: ${what}`, { cause, details: { path } });
}

function keyOf({ root }: Pick<ToolContext['workspace'], 'root'>, path: string): string {
  const inside = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  return `content:${inside}`;
}
