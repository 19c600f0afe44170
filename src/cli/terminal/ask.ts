import type { Io } from './io.ts';
import type { Output } from './output.ts';

export interface AskOptions {
  signal?: AbortSignal;
  /** Ctrl-C while the question stands. */
  onInterrupt(): void;
}

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
  try {
    return await promise;
  } finally {
    options.signal?.removeEventListener('abort', withdraw);
    reader.close();
  }
}
