import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { YonderError } from '../../../protocol/errors.ts';
import type { FileContent, FileStat, FileType, ReadFileOptions } from '../../../protocol/workspace.ts';
import { fileError } from '../../path-rule.ts';
import { type Located, locate } from './walk.ts';
import type { Roots } from './roots.ts';

const WHOLE_FILE_LIMIT = 64 * 1024 * 1024;
/** Up to here a read is done at once: the way through the thread pool would take longer than the read. */
const SYNC_LIMIT = 256 * 1024;
const CHUNK = 1024 * 1024;
const readAsync = promisify(read);

export async function readFile(
  roots: Roots,
  path: string,
  options: ReadFileOptions = {},
): Promise<FileContent> {
  options.signal?.throwIfAborted();
  const located = locate(roots, path, { use: 'read' });
  try {
    return await readLocated(located, path, options);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw fileError(path, error);
  } finally {
    located.close();
  }
}

async function readLocated(located: Located, path: string, options: ReadFileOptions): Promise<FileContent> {
  const descriptor = openRegular(located, path);
  try {
    const { size } = fstatSync(descriptor);
    const { offset, length } = range(path, size, options);
    const bytes = await readRange(descriptor, offset, length, options.signal);
    located.assertUnmoved();
    if (options.digest !== true) return { path: located.path, bytes, size };
    const whole = offset === 0 && length >= size;
    const all = whole ? bytes : await readRange(descriptor, 0, size, options.signal);
    return { path: located.path, bytes, size, digest: digestOf(all) };
  } finally {
    closeSync(descriptor);
  }
}

/** `sha256:` and the hexadecimal digest. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Opens what is a regular file and nothing else. A FIFO does not make it wait. */
export function openRegular(located: Located, path: string): number {
  if (located.stat === undefined)
    throw new YonderError('not_found', `${path} does not exist`, { details: { path } });
  assertRegular(path, located.stat);
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = openSync(located.reach, flags);
  try {
    assertRegular(path, fstatSync(descriptor));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

interface Kind {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

export function assertRegular(path: string, kind: Kind): void {
  if (kind.isFile()) return;
  throw new YonderError('invalid_request', `${path} is ${nameOf(kind)}, not a file`, { details: { path } });
}

function nameOf(kind: Kind): string {
  if (kind.isDirectory()) return 'a folder';
  if (kind.isFIFO()) return 'a named pipe';
  if (kind.isSocket()) return 'a socket';
  return kind.isSymbolicLink() ? 'a link' : 'a device';
}

export function typeOf(kind: Kind): FileType {
  if (kind.isFile()) return 'file';
  if (kind.isDirectory()) return 'directory';
  return kind.isSymbolicLink() ? 'symlink' : 'other';
}

function range(path: string, size: number, options: ReadFileOptions): { offset: number; length: number } {
  const offset = options.offset ?? 0;
  const wanted = options.length ?? Number.MAX_SAFE_INTEGER;
  if (!Number.isSafeInteger(offset) || offset < 0 || !Number.isSafeInteger(wanted) || wanted < 0) {
    throw new YonderError(
      'invalid_request',
      `offset and length of a read of ${path} must be whole and not negative`,
    );
  }
  const length = Math.max(0, Math.min(wanted, size - offset));
  if (length > WHOLE_FILE_LIMIT || (options.digest === true && size > WHOLE_FILE_LIMIT)) {
    throw new YonderError(
      'payload_too_large',
      `${path} has ${size} bytes: read it in parts of at most 64 MiB`,
    );
  }
  return { offset, length };
}

async function readRange(
  descriptor: number,
  offset: number,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const step = Math.min(CHUNK, length - done);
    const count =
      length <= SYNC_LIMIT
        ? readSync(descriptor, bytes, done, step, offset + done)
        : (await readAsync(descriptor, bytes, done, step, offset + done)).bytesRead;
    signal?.throwIfAborted();
    // Shorter than it was a moment ago: what is there is the answer.
    if (count === 0) return bytes.subarray(0, done);
    done += count;
  }
  return bytes;
}

export function stat(roots: Roots, path: string): FileStat {
  const located = locate(roots, path, { use: 'read' });
  try {
    const found = located.stat;
    if (found === undefined)
      throw new YonderError('not_found', `${path} does not exist`, { details: { path } });
    located.assertUnmoved();
    const { size, mode, mtimeMs } = found;
    return { path: located.path, type: typeOf(found), size, mode: mode & 0o7777, modified_ms: mtimeMs };
  } finally {
    located.close();
  }
}
