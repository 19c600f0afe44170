import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../process/atomic-file.ts';
import { YonderError } from '../../protocol/errors.ts';
import { checkFileModes, checkModes } from '../file-modes.ts';
import { whileLocked } from '../locked.ts';

/** A key that stands here, or the note that the keyring of the system has it. */
export type KeptKey = { value: string } | { keyring: true };
export type KeptKeys = Readonly<Record<string, KeptKey>>;

const MAX_BYTES = 1024 * 1024;

/** The file of the keys in the configuration folder; by this name its reading is asked about (R3). */
export function keyFileIn(configFolder: string): string {
  return join(configFolder, 'credentials.json');
}

/**
 * The keys by the names of their variables; a missing file has none. A link, a file that others can read or change, and one that is broken are
 * `invalid_request`: no key comes from a place that somebody else could have made. No message has anything of its content.
 */
export async function readKeys(file: string): Promise<KeptKeys> {
  const handle = await openOwn(file);
  if (handle === undefined) return {};
  try {
    const status = await handle.stat();
    if (!status.isFile() || status.size > MAX_BYTES)
      throw new YonderError('invalid_request', `${file} is no file of keys; move it away, and log in again`);
    checkFileModes(file, status, { secret: true });
    await checkModes(file, { secret: true });
    return parse(file, await handle.readFile('utf8'));
  } finally {
    await handle.close();
  }
}

/** Changes the keys as one act between processes; the file is written whole, mode 0600. */
export async function changeKeys(file: string, edit: (keys: KeptKeys) => KeptKeys): Promise<void> {
  await whileLocked(file, join(dirname(file), 'credentials.lock'), async () => {
    const keys = edit(await readKeys(file));
    await writeFileAtomic(file, `${JSON.stringify({ keys }, undefined, 2)}\n`, { mode: 0o600 });
  });
}

async function openOwn(file: string): Promise<FileHandle | undefined> {
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
        ? `${file} is a link; keys are not read through one: put the file itself there, or delete it and log in again`
        : `${file} cannot be read (${code})`,
      { cause },
    );
  }
}

function parse(file: string, text: string): KeptKeys {
  const kept = z.union([z.strictObject({ value: z.string() }), z.strictObject({ keyring: z.literal(true) })]);
  const read = z.strictObject({ keys: z.record(z.string(), kept) }).safeParse(json(text));
  // The causes would quote what stands there.
  if (!read.success)
    throw new YonderError('invalid_request', `${file} is no file of keys; delete it, and log in again`);
  return read.data.keys;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller says that it is broken, without a word of its content
  }
}
