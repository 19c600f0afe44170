import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, basename, resolve } from 'node:path';
import type { Policy } from '../../protocol/policy.ts';
import { forbid } from './forbid.ts';

export interface AskedFolder {
  /** Absolute. */
  path: string;
  /** How it is called in a message, e.g. `the working directory`. */
  name: string;
}

/**
 * A folder that a session works in, links followed: it is where it seems to be and inside an allowed one. Gives its real path. Throws `forbidden`, or
 * `path_escape` where only a link leads out.
 */
export function workFolder(policy: Policy, folder: AskedFolder): Promise<string> {
  return judged(policy, folder, { key: 'folders.allowed', roots: policy.folders.allowed });
}

/** The same for a folder that is only read. */
export function readFolder(policy: Policy, folder: AskedFolder): Promise<string> {
  const roots = [...policy.folders.allowed, ...policy.folders.read];
  return judged(policy, folder, { key: 'folders.read', roots });
}

/** The same for a team file of this machine. */
export function teamPath(policy: Policy, path: string): Promise<string> {
  return judged(policy, { path, name: 'the team' }, { key: 'sources.path', roots: policy.sources.path });
}

async function judged(
  policy: Policy,
  { path, name }: AskedFolder,
  { key, roots }: { key: string; roots: readonly string[] },
): Promise<string> {
  // What is not absolute is refused by the check of folders, in its own words.
  if (!isAbsolute(path)) return path;
  const real = await followed(resolve(path));
  const realRoots = await Promise.all(roots.map((root) => followed(resolve(root))));
  if (realRoots.some((root) => isWithin(root, real))) return real;
  const seems = [...roots, ...realRoots].some((root) => isWithin(resolve(root), resolve(path)));
  throw forbid(policy, {
    key,
    asked: seems ? `${name} ${path}, which leads out to another folder` : `${name} ${path}`,
    allowed: roots,
    code: seems ? 'path_escape' : 'forbidden',
  });
}

/** The path with links followed, as far as it is there: what will be made below is there too. */
async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (thrown) {
    const above = dirname(path);
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
    if (above === path || (code !== 'ENOENT' && code !== 'ENOTDIR')) return path;
    return join(await followed(above), basename(path));
  }
}

function isWithin(root: string, path: string): boolean {
  return root === '/' || path === root || path.startsWith(`${root}/`);
}
