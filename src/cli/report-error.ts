import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { toYonderError, YonderError } from '../protocol/errors.ts';
import { exitOfError } from './exit-code.ts';
import type { Io } from './terminal/io.ts';

/** Says what went wrong in one sentence, with its stack under `--debug` alone, and gives the exit code. */
export function reportError(thrown: unknown, io: Io, debug: boolean): number {
  if (thrown instanceof CommanderError) return exitOfCommander(thrown);
  const error = toYonderError(thrown);
  const ours = thrown instanceof YonderError;
  const clean = (text: string): string => io.secrets?.text(text) ?? text;
  io.stderr.write(`yonder: ${ours ? '' : 'internal error: '}${clean(error.message)}\n`);
  if (debug) io.stderr.write(`${clean(stacks(thrown))}\n`);
  else if (!ours) io.stderr.write('Run it again with --debug to see where.\n');
  return exitOfError(error.code);
}

/** commander has said what is wrong, or has shown the help that was asked for. */
function exitOfCommander(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2;
}

/** The error and all its causes. */
function stacks(thrown: unknown): string {
  const lines: string[] = [];
  for (let error: unknown = thrown, depth = 0; error !== undefined && depth < 10; depth += 1) {
    lines.push(
      `${depth === 0 ? '' : 'caused by: '}${error instanceof Error ? (error.stack ?? error.message) : inspect(error)}`,
    );
    error = error instanceof Error ? error.cause : undefined;
  }
  return lines.join('\n');
}
