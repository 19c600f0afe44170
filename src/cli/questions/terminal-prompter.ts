import { askLine } from '../terminal/ask.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import type { Prompter } from './prompter.ts';

export interface TerminalOptions {
  io: Io;
  output: Output;
  onInterrupt(): void;
  settle(): Promise<void>;
}

/** Asks on the terminal, where nothing else is typed while a run goes on. */
export function terminalPrompter({ io, output, onInterrupt, settle }: TerminalOptions): Prompter {
  return {
    note: (text) => output.note(text),
    settle,
    line: (prompt, signal, keys = []) => askLine(io, output, prompt, { signal, onInterrupt, keys }),
  };
}
