import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../process/atomic-file.ts';
import { YonderError } from '../../protocol/errors.ts';
import { whileLocked } from '../locked.ts';
import { readOwnFile } from './own-file.ts';

/** A key that stands here, or the note that the keyring of the system has it. */
export type KeptKey = { value: string } | { keyring: true };
export type KeptKeys = Readonly<Record<string, KeptKey>>;

/** The file of the keys in the configuration folder; by this name its reading is asked about (R3). */
export function keyFileIn(configFolder: string): string {
  return join(configFolder, 'credentials.json');
}

/**
 * The keys by the names of their variables; a missing file has none. A link, a file that others can read or change, and one that is broken are
 * `invalid_request`: no key comes from a place that somebody else could have made. No message has anything of its content.
 */
export async function readKeys(file: string): Promise<KeptKeys> {
  const text = await readOwnFile(file, { what: 'keys', again: 'log in again' });
  return text === undefined ? {} : parse(file, text);
}

/** Changes the keys as one act between processes; the file is written whole, mode 0600. */
export async function changeKeys(file: string, edit: (keys: KeptKeys) => KeptKeys): Promise<void> {
  await whileLocked(file, join(dirname(file), 'credentials.lock'), async () => {
    const keys = edit(await readKeys(file));
    await writeFileAtomic(file, `${JSON.stringify({ keys }, undefined, 2)}\n`, { mode: 0o600 });
  });
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
