import { join } from 'node:path';
import { git, parts } from './git.ts';
import type { Shadow } from './shadow.ts';

/** Repositories inside repositories, so deep at most. */
const DEPTH = 5;

/** The files of a git repository inside the folder, by its own ignore files: for git they would be one entry without content. */
export async function listNested(
  shadow: Shadow,
  folder: string,
  signal: AbortSignal | undefined,
  depth = 0,
): Promise<string[]> {
  const at = { work_tree: join(shadow.work_tree, folder), index: join(shadow.home, 'no-index') };
  const listed = parts(await git(shadow, ['ls-files', '-z', '-o', '--exclude-standard'], { signal, at }));
  const found: string[] = [];
  for (const path of listed) {
    if (!path.endsWith('/')) found.push(folder + path);
    else if (depth < DEPTH) found.push(...(await listNested(shadow, folder + path, signal, depth + 1)));
  }
  return found;
}
