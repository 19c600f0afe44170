import type { CommandResult } from '../../protocol/runner.ts';
import type { ToolResult } from '../tool.ts';

/** A command's end in words. A program that ran and was not content (exit code not 0) is a normal result. */
export function commandResult(output: string, result: CommandResult, timeout: number): ToolResult {
  const { words, is_error } = endOf(result, timeout);
  const body = output.trimEnd();
  if (words === undefined) return { output: body === '' ? 'The command ended without output.' : body };
  return { output: body === '' ? words : `${body}\n${words}`, ...(is_error ? { is_error } : {}) };
}

function endOf(result: CommandResult, timeout: number): { words?: string; is_error: boolean } {
  switch (result.outcome) {
    case 'exited':
      if (result.exit_code === 0) return { is_error: false };
      return { words: `The command ended with exit code ${result.exit_code}.`, is_error: false };
    case 'signaled':
      return { words: `The command was ended by the signal ${result.signal ?? 'unknown'}.`, is_error: false };
    case 'timed_out':
      return {
        words: `The command did not end within its timeout of ${timeout} s and was ended, with all that it started. Give a longer timeout (in seconds) where it needs more.`,
        is_error: true,
      };
    case 'cancelled':
      return { words: 'The command was cancelled and ended before it was done.', is_error: true };
    case 'output_limit':
      return {
        words:
          'The command wrote more output than is allowed and was ended: send it to a file, or have it say less.',
        is_error: true,
      };
    case 'lost':
      return { words: 'How the command ended is not known: the runner lost it.', is_error: true };
  }
}
