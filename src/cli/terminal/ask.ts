import type { Io } from './io.ts';
import type { Output } from './output.ts';

export interface AskOptions {
  signal?: AbortSignal;
  /** Ctrl-C while the question stands. */
  onInterrupt(): void;
  /** Single characters that are an answer without Enter, on an empty line. */
  keys?: readonly string[];
}

/** A key counts as an answer only after the question could be seen so long; before that it was meant for something else. Milliseconds. */
export const SEEN_AFTER = 400;

/** Asks one line on the terminal. Undefined when the question was withdrawn, or stdin ended. */
export async function askLine(
  io: Io,
  output: Output,
  prompt: string,
  options: AskOptions,
): Promise<string | undefined> {
  if (options.signal?.aborted === true) return undefined;
  const { createInterface } = await import('node:readline');
  const reader = createInterface({ input: io.stdin, output: io.stderr, terminal: io.stdin.isTTY === true });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const withdraw = (): void => {
    output.note('');
    resolve(undefined);
  };
  options.signal?.addEventListener('abort', withdraw, { once: true });
  // In raw mode Ctrl-C is a key, not a signal.
  reader.on('SIGINT', options.onInterrupt);
  reader.on('close', () => resolve(undefined));
  reader.question(prompt, resolve);
  const asked = io.now().getTime();
  const { keys = [] } = options;
  const onKey = (character: string | undefined): void => {
    if (character === undefined || !keys.includes(character) || reader.line !== character) return;
    if (io.now().getTime() - asked >= SEEN_AFTER) reader.write(null, { name: 'return' });
  };
  // The reader has taken the key into its line by then.
  if (io.stdin.isTTY === true) io.stdin.on('keypress', onKey);
  try {
    return await promise;
  } finally {
    options.signal?.removeEventListener('abort', withdraw);
    io.stdin.off('keypress', onKey);
    reader.close();
  }
}
