import type { HookDefinition } from '../../protocol/contract/hooks.ts';

/** Words that mean to a shell what they say: nothing in them is expanded, quoted or joined. */
const LITERAL_LINE = /^[\w@%+:,./-]+(?: +[\w@%+=:,./-]+)*$/;

/**
 * A command as a program and its arguments: with `args` it is one itself, and so is a line of literal words, which needs no shell. Anything
 * else, and what is no program (`exit 2`), is for a shell.
 * @param isProgram whether a word names a program there
 */
export function argvOf(
  { command = '', args }: HookDefinition,
  isProgram: (word: string) => boolean,
): { program: string; args: readonly string[] } {
  if (args !== undefined) return { program: command, args };
  const line = command.trim();
  const [program = '', ...words] = LITERAL_LINE.test(line) ? line.split(/ +/) : [];
  if (program !== '' && isProgram(program)) return { program, args: words };
  return { program: '/bin/sh', args: ['-c', command] };
}

/** The words of a command that may name a script of it. */
export function scriptWords({ command = '', args = [] }: HookDefinition): string[] {
  const words = command
    .split(/[\s;&|<>()"'`]+/)
    .concat(args)
    .filter((word) => word !== '' && !word.startsWith('-') && /^[\w@%+=:,./~ -]+$/.test(word));
  return [...new Set(words)];
}
