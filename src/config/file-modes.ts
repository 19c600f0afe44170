import { type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { YonderError } from '../protocol/errors.ts';

const OTHERS_WRITE = 0o022;
const OTHERS_READ = 0o044;
const STICKY = 0o1000;

/**
 * Refuses a file that others can change: they would say what runs here and with whose keys. With `secret` one that others can read as well. A missing file is
 * none. `invalid_request`, with the command that mends it.
 */
export async function checkModes(path: string, options: { secret: boolean }): Promise<void> {
  const file = await statOf(path);
  if (file === undefined) return;
  checkFileModes(path, file, options);
  const folder = dirname(path);
  const above = await statOf(folder);
  // In a sticky folder (/tmp) only its owner can put another file in the place of this one.
  if (above !== undefined && (above.mode & OTHERS_WRITE) !== 0 && (above.mode & STICKY) === 0) {
    throw loose(folder, above, 'can be changed by others, who could replace the configuration', 'go-w');
  }
}

/** The same of a file that is open or was looked at. */
export function checkFileModes(path: string, file: Stats, { secret }: { secret: boolean }): void {
  const own = process.getuid?.();
  if (own !== undefined && file.uid !== own && file.uid !== 0) {
    throw new YonderError(
      'invalid_request',
      `${path} belongs to another user (${file.uid}); make it your own: chown ${own} '${path}'`,
    );
  }
  if ((file.mode & OTHERS_WRITE) !== 0) throw loose(path, file, 'can be changed by others', 'go-w');
  if (secret && (file.mode & OTHERS_READ) !== 0)
    throw loose(path, file, 'holds secrets and can be read by others', 'go-rwx');
}

function loose(path: string, { mode }: Stats, what: string, change: string): YonderError {
  const shown = (mode & 0o7777).toString(8).padStart(4, '0');
  return new YonderError(
    'invalid_request',
    `${path}:1:1: the file mode ${shown} is too loose: ${what}; run: chmod ${change} '${path}'`,
  );
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && ['ENOENT', 'ENOTDIR'].includes(String(cause.code)))
      return undefined;
    throw new YonderError('invalid_request', `${path} cannot be looked at`, { cause });
  }
}
