import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFileLock } from '../../process/file-lock.ts';
import { git, type GitPlace } from './git.ts';
import type { Shadow } from './shadow.ts';

/** How long a snapshot can be gone back to (reference Appendix C). */
export const KEEP_MS = 7 * 24 * 3600 * 1000;
const PRUNE_EVERY_MS = 24 * 3600 * 1000;

const sessions = (home: string): string => join(home, 'git', 'refs', 'yonder');

/** Holds a tree for a session: without a name for it, it would go with the next prune. */
export function holdTree(shadow: Shadow, session_id: string, name: string, tree: string): void {
  const folder = join(sessions(shadow.home), session_id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, name), `${tree}\n`, { mode: 0o600 });
}

/** Once a day: lets go of what is older than 7 days. The caller holds the lock. */
export async function pruneOld(shadow: Shadow, now: number, signal?: AbortSignal): Promise<void> {
  const stamp = join(shadow.home, 'pruned');
  const last = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs;
  if (last !== undefined && now - last < PRUNE_EVERY_MS) return;
  writeFileSync(stamp, '', { mode: 0o600 });
  if (last === undefined) return;
  for (const session of namesIn(sessions(shadow.home))) {
    const folder = join(sessions(shadow.home), session);
    for (const name of namesIn(folder)) {
      const path = join(folder, name);
      if (now - statSync(path).mtimeMs > KEEP_MS) rmSync(path);
    }
    if (namesIn(folder).length === 0) rmSync(folder, { recursive: true });
  }
  await git(shadow, ['prune', '--expire=now'], { signal });
}

/** Lets go of everything that is kept for a session, in whatever folders it worked; a folder that no session holds goes whole. */
export async function forgetSession(
  root: string,
  session_id: string,
  place: (home: string) => GitPlace,
): Promise<void> {
  for (const name of namesIn(root)) {
    const home = join(root, name);
    if (statSync(join(sessions(home), session_id), { throwIfNoEntry: false }) === undefined) continue;
    await withFileLock(join(home, 'lock'), undefined, async () => {
      rmSync(join(sessions(home), session_id), { recursive: true, force: true });
      rmSync(join(home, 'turns', `${session_id}.json`), { force: true });
      if (namesIn(sessions(home)).length > 0) await git(place(home), ['prune', '--expire=now']);
      else emptyHome(home);
    });
  }
}

/** All but the lock, which others may wait for. */
function emptyHome(home: string): void {
  for (const name of namesIn(home)) {
    if (name !== 'lock') rmSync(join(home, name), { recursive: true, force: true });
  }
}

function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folder);
}
