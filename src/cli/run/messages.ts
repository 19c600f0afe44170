import type { Io } from '../terminal/io.ts';

/** The messages of the command line: `-` is all of stdin. Empty ones are left out. */
export async function readMessages(
  words: readonly string[],
  io: Io,
  options: { readStdin: boolean },
): Promise<string[]> {
  const wanted = words.length === 0 && options.readStdin && io.stdin.isTTY !== true ? ['-'] : words;
  let stdin: Promise<string> | undefined;
  const texts: string[] = [];
  for (const word of wanted) {
    const text = word === '-' ? await (stdin ??= readAll(io)) : word;
    if (text.trim() !== '') texts.push(text);
  }
  return texts;
}

async function readAll(io: Io): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of io.stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return new TextDecoder().decode(Buffer.concat(chunks)).replace(/\n$/, '');
}
