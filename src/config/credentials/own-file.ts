import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { YonderError } from '../../protocol/errors.ts';
import { checkFileModes, checkModes } from '../file-modes.ts';

/** What a message calls the file's content, and how there is a new one. */
interface OwnFile {
  what: string;
  again: string;
}

const MAX_BYTES = 1024 * 1024;

/**
 * The text of a file of secrets; undefined where there is none. A link, a file that others can read or change, and one that is no file are
 * `invalid_request`: no secret comes from a place that somebody else could have made.
 */
export async function readOwnFile(file: string, own: OwnFile): Promise<string | undefined> {
  const handle = await openOwn(file, own);
  if (handle === undefined) return undefined;
  try {
    const status = await handle.stat();
    if (!status.isFile() || status.size > MAX_BYTES)
      throw new YonderError(
        'invalid_request',
        `${file} is no file of ${own.what}; move it away, and ${own.again}`,
      );
    checkFileModes(file, status, { secret: true });
    await checkModes(file, { secret: true });
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function openOwn(file: string, { what, again }: OwnFile): Promise<FileHandle | undefined> {
  try {
    // Without waiting: a pipe in its place would hold up the process.
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (code === 'ENOENT') return undefined;
    const isLink = code === 'ELOOP' && (await lstat(file)).isSymbolicLink();
    throw new YonderError(
      'invalid_request',
      isLink
        ? `${file} is a link; ${what} are not read through one: put the file itself there, or delete it and ${again}`
        : `${file} cannot be read (${code})`,
      { cause },
    );
  }
}
