import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import { LIMITS } from '../../protocol/contract/contract.ts';
import { YonderError } from '../../protocol/errors.ts';
import { isSecretPath } from '../../runtime/decisions/secrets.ts';
import { IMAGE_LIMIT } from '../../tools/filesystem/file-kind.ts';
import { codeOf } from '../flags/env-file.ts';
import { mediaTypeOf } from './media-type.ts';

/** A file on its way to the session. */
export interface Attachment {
  name: string;
  media_type: string;
  bytes: Uint8Array;
}

/** Text beyond this is nothing to be put before a model at once. Bytes. */
export const TEXT_LIMIT = 2 * 1024 * 1024;

/**
 * Reads a file to attach. Throws `invalid_request` for what is missing, no regular file, not readable or on the list of files that hold
 * secrets (R3), and `payload_too_large` for what is too long; a file that is too long is not read.
 * @param what the flag or the word that named it, for messages
 * @param path absolute
 */
export async function readAttachment(what: string, path: string, typed: string): Promise<Attachment> {
  const file = await opened(what, path);
  try {
    const size = await regularSize(what, file);
    await refuseSecret(what, path);
    const bytes = await readBounded(what, file, size);
    const name = isAbsolute(typed) || typed.startsWith('~') ? basename(path) : typed;
    const media_type = mediaTypeOf(path, bytes);
    refuseLong(what, media_type, bytes.byteLength);
    return { name, media_type, bytes };
  } finally {
    await file.close();
  }
}

/** Without waiting for whoever would write to a pipe. */
async function opened(what: string, path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENXIO')
      throw new YonderError('invalid_request', `${what} is no file; attach a regular file`, { cause });
    const words =
      code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new YonderError('invalid_request', `${what}: ${words}`, { cause });
  }
}

/** Links are followed first: a harmless name may lead to a key. */
async function refuseSecret(what: string, path: string): Promise<void> {
  const target = await realpath(path).catch((cause: unknown) => {
    const words = `${what}: it cannot be read (${codeOf(cause)}): nothing has that name any more`;
    throw new YonderError('invalid_request', words, { cause });
  });
  if (!isSecretPath(path) && !isSecretPath(target)) return;
  throw new YonderError(
    'invalid_request',
    `${what} is named like a file that holds secrets, and is not sent to a model; paste what it may read, or let the agent ask for the file`,
  );
}

/** A name like /dev/fd/63 has no real path: what it is is asked first. */
async function regularSize(what: string, file: FileHandle): Promise<number> {
  const kind = await file.stat();
  if (kind.isDirectory()) {
    throw new YonderError(
      'invalid_request',
      `${what} is a folder; attach files, or name the folder in the message for the agent to look into`,
    );
  }
  if (!kind.isFile()) {
    throw new YonderError(
      'invalid_request',
      `${what} is ${kind.isFIFO() ? 'a pipe' : 'a device'} and no file; attach a regular file`,
    );
  }
  return kind.size;
}

async function readBounded(what: string, file: FileHandle, size: number): Promise<Uint8Array> {
  if (size > LIMITS.upload_bytes) throw tooLong(what, size, LIMITS.upload_bytes, 'an attachment');
  const bytes = await file.readFile();
  if (bytes.byteLength > LIMITS.upload_bytes)
    throw tooLong(what, bytes.byteLength, LIMITS.upload_bytes, 'an attachment');
  return bytes;
}

function refuseLong(what: string, media_type: string, size: number): void {
  if (media_type === 'text/plain' && size > TEXT_LIMIT)
    throw tooLong(what, size, TEXT_LIMIT, 'attached text');
  if (media_type.startsWith('image/') && size > IMAGE_LIMIT)
    throw tooLong(what, size, IMAGE_LIMIT, 'an attached image');
}

function tooLong(what: string, size: number, limit: number, kind: string): YonderError {
  const end = 'attach a part of it, or name it in the message for the agent to read';
  return new YonderError(
    'payload_too_large',
    `${what} has ${mebibytes(size)} MiB; ${kind} has at most ${mebibytes(limit)} MiB; ${end}`,
    { details: { size, limit } },
  );
}

function mebibytes(bytes: number): string {
  return String(Math.round((bytes / 1024 / 1024) * 10) / 10);
}
