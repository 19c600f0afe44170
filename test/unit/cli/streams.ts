import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Io } from '../../../src/cli/terminal/io.ts';

/** An Io in memory; what was written is read from `out` and `err`. */
export interface MemoryIo extends Io {
  out(): string;
  err(): string;
  type(text: string): void;
  /** Resolves when stderr has this text. */
  shows(text: string): Promise<void>;
}

export function memoryIo(
  options: Partial<Pick<Io, 'cwd' | 'home' | 'env'>> & { terminal?: boolean } = {},
): MemoryIo {
  const terminal = options.terminal === true;
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
  const stdout = Object.assign(new PassThrough(), { isTTY: terminal });
  const stderr = Object.assign(new PassThrough(), { isTTY: terminal });
  const read = (stream: PassThrough): (() => string) => {
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    return () => text;
  };
  const err = read(stderr);
  return {
    stdin,
    stdout,
    stderr,
    env: options.env ?? {},
    cwd: options.cwd ?? '/work',
    home: options.home ?? '/home/ada',
    now: () => new Date('2026-01-02T03:04:05Z'),
    out: read(stdout),
    err,
    type: (text) => void stdin.write(text),
    shows: async (wanted) => {
      while (!err().includes(wanted)) await once(stderr, 'data');
    },
  };
}
