import { lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';

/** Bytes of a socket's path that every system of ours takes (108 with the closing zero; 104 on macOS). */
const PATH_BYTES = process.platform === 'darwin' ? 103 : 107;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * The path by which a socket is listened on: its folder is this user's own, with mode 0700, and no other user can put another in its place; it is made where
 * it is missing (R12: whoever can open the socket is the local user). Throws `invalid_request` with what is wrong and what to do.
 */
export function socketPath(path: string): string {
  const length = Buffer.byteLength(path);
  if (length > PATH_BYTES)
    throw refusal(
      path,
      `has ${length} bytes, and a socket's path at most ${PATH_BYTES}; choose a shorter one`,
    );
  const folder = dirname(path);
  const above = realAbove(path, folder);
  const real = join(above, basename(folder));
  makeFolder(path, real);
  checkFolder(path, folder, lstatSync(real));
  checkAbove(path, above);
  const found = join(real, basename(path));
  return Buffer.byteLength(found) > PATH_BYTES ? path : found;
}

function realAbove(path: string, folder: string): string {
  try {
    return realpathSync(dirname(folder));
  } catch (cause) {
    throw refusal(path, `needs the folder ${dirname(folder)}, which is not there; make it first`, cause);
  }
}

function makeFolder(path: string, folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) return;
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (code !== 'EEXIST') throw refusal(path, `its folder cannot be made (${code}): ${folder}`, cause);
  }
}

function checkFolder(path: string, folder: string, found: Stats): void {
  if (found.isSymbolicLink()) throw refusal(path, `its folder ${folder} is a link; name the folder itself`);
  if (!found.isDirectory()) throw refusal(path, `${folder} is no folder`);
  const own = process.getuid?.();
  if (own !== undefined && found.uid !== own)
    throw refusal(path, `its folder ${folder} belongs to another user (${found.uid}); use one of your own`);
  if ((found.mode & OTHERS) !== 0)
    throw refusal(
      path,
      `others can enter its folder ${folder} (mode ${modeOf(found)}); name one that only you can enter, a new one is made so`,
    );
}

/** Whoever can change a folder further up could put another in the place of ours. */
function checkAbove(path: string, start: string): void {
  const own = process.getuid?.();
  for (let folder = start; ; folder = dirname(folder)) {
    const found = lstatSync(folder);
    const isForeign = own !== undefined && found.uid !== own && found.uid !== 0;
    const isOpen = (found.mode & OTHERS_WRITE) !== 0 && (found.mode & STICKY) === 0;
    if (isForeign || isOpen)
      throw refusal(path, `others can change ${folder}, which is above its folder (mode ${modeOf(found)})`);
    if (folder === dirname(folder)) return;
  }
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

export function refusal(path: string, words: string, cause?: unknown): YonderError {
  return new YonderError(
    'invalid_request',
    `--listen unix://${path}: ${words}`,
    cause === undefined ? {} : { cause },
  );
}
