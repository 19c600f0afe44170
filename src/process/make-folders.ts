import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it that are missing, each with this mode (less the umask); one that is there keeps its own. Throws the
 * operating system's error, e.g. `EACCES`, or `EEXIST` where something else has the name.
 *
 * Not `mkdir` with `recursive`: where a parent says `ENOENT` to the making of a child, as /proc does, Node tries for ever.
 */
export function makeFolders(path: string, mode = 0o700): void {
  for (const folder of missingFolders(path)) makeOne(folder, mode);
}

/** From the topmost down to the path itself; the path alone where it is there but is no folder, for the error of making it. */
function missingFolders(path: string): string[] {
  const wanted = resolve(path);
  const found = statSync(wanted, { throwIfNoEntry: false });
  if (found !== undefined) return found.isDirectory() ? [] : [wanted];
  const missing = [wanted];
  for (let at = dirname(wanted); statSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at)) {
    if (at === dirname(at)) break; // a root that is not there, e.g. a drive
    missing.unshift(at);
  }
  return missing;
}

function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process made it in the same moment.
    const isThere = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isThere) throw error;
  }
}
