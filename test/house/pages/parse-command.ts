import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { type Command, CommanderError } from 'commander';
import { prepareWords } from '../../../src/cli/flags/words.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import type { Io } from '../../../src/cli/terminal/io.ts';
import { simpleCommands } from './blocks.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** The command line as it is, with commands that do nothing. */
export function emptyProgram(): Command {
  const silent = (): PassThrough => new PassThrough().resume();
  const io: Io = {
    stdin: silent(),
    stdout: silent(),
    stderr: silent(),
    env: {},
    cwd: '/',
    home: '/',
    now: () => new Date(0),
  };
  const program = buildProgram(io, () => {});
  for (const command of allCommands(program)) command.exitOverride().action(() => {});
  return program;
}

/** The program and every command below it. */
export function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** What is wrong with a line that is not run: a command, flag or value of `yonder`, or a script of `npm run`, that is not there. */
export function faultOf(line: string): string | undefined {
  for (const [program, ...words] of simpleCommands(line)) {
    const fault = program === 'yonder' ? yonderFault(words) : program === 'npm' ? npmFault(words) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function yonderFault(words: readonly string[]): string | undefined {
  try {
    emptyProgram().parse(prepareWords(words), { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) return error.message;
    if (error instanceof CommanderError) return undefined;
    throw error;
  }
}

function npmFault([verb = '', script = '']: readonly string[]): string | undefined {
  const name = verb === 'run' ? script : verb === 'test' ? 'test' : undefined;
  if (name === undefined) return undefined;
  const manifest: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  return Object.hasOwn(manifest.scripts, name) ? undefined : `there is no script ${name} in package.json`;
}
