import { fstatSync } from 'node:fs';
import { YonderError } from '../../protocol/errors.ts';
import { codeOf } from '../flags/env-file.ts';
import type { Io } from '../terminal/io.ts';

export interface Written {
  text: string;
  /** By the person, on the command line; what came from stdin may be anybody's. */
  isTyped: boolean;
}

/** The messages of the command line: `-` is all of stdin. Empty ones are left out. */
export async function readMessages(
  words: readonly string[],
  io: Io,
  options: { readStdin: boolean },
): Promise<Written[]> {
  const wanted =
    words.length === 0 && options.readStdin && io.stdin.isTTY !== true && !io.stdin.readableEnded
      ? ['-']
      : words;
  let stdin: Promise<string> | undefined;
  const texts: Written[] = [];
  for (const word of wanted) {
    const text = word === '-' ? await (stdin ??= readMessage(io)) : word;
    if (text.trim() !== '') texts.push({ text, isTyped: word !== '-' });
  }
  return texts;
}

async function readMessage(io: Io): Promise<string> {
  return (await readStdin(io, 'a message')).replace(/\n$/, '');
}

/** All of stdin as text; `what` it is taken for. Throws `invalid_request` where it is read already, is a folder or no UTF-8. */
export async function readStdin(io: Io, what: string): Promise<string> {
  if (io.stdin.readableEnded)
    throw new YonderError('invalid_request', `stdin was the team already, and cannot be ${what} as well`);
  const bytes = await readBytes(io);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new YonderError(
      'invalid_request',
      `stdin is not UTF-8 text, and ${what} is: convert it (e.g. iconv -f LATIN1 -t UTF-8), or name the file in the message, for a tool to read`,
      { cause },
    );
  }
}

async function readBytes({ stdin }: Io): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    // Not every system calls it a fault to read one: some give no bytes.
    if ('fd' in stdin && typeof stdin.fd === 'number' && fstatSync(stdin.fd).isDirectory()) {
      throw new YonderError(
        'invalid_request',
        'stdin is a folder: give it a file, or name the folder in the message',
      );
    }
    for await (const chunk of stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  } catch (cause) {
    if (cause instanceof YonderError) throw cause;
    throw new YonderError('invalid_request', `stdin cannot be read (${codeOf(cause)})`, { cause });
  }
  return Buffer.concat(chunks);
}
