import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { AskOptions } from './ask.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';

/** Asks for a line that does not show while it is typed or pasted. Undefined when stdin ended or the question was withdrawn. */
export async function askSecret(
  io: Io,
  output: Output,
  prompt: string,
  options: AskOptions,
): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Terminal mode takes the echo from the terminal; what the line editor draws in its place goes nowhere. No history: it would keep the line.
  const reader = createInterface({ input: io.stdin, output: nowhere, terminal: true, historySize: 0 });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const withdraw = (): void => resolve(undefined);
  options.signal?.addEventListener('abort', withdraw, { once: true });
  reader.on('SIGINT', options.onInterrupt);
  reader.on('close', withdraw);
  reader.once('line', resolve);
  output.prompt(prompt);
  try {
    return await promise;
  } finally {
    options.signal?.removeEventListener('abort', withdraw);
    reader.close();
    output.note('');
  }
}
