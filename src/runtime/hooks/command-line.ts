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

const INTERPRETER =
  /(?:^|\/)(?:env|sh|bash|dash|zsh|ksh|python[\d.]*|node|deno|bun|ruby|perl|php|source|\.)$/;
const SCRIPT_NAME = /\.(?:sh|bash|zsh|py|js|mjs|cjs|ts|mts|rb|pl|php)$/;

/**
 * The words of a command that may be scripts of it: a path in the place of a program, what an interpreter is given first, and names that end as
 * scripts do. What output is written to is none.
 */
export function scriptWords({ command = '', args = [] }: HookDefinition): string[] {
  const tokens = [...(command.match(/[;&|()<>\n]+|[^\s;&|()<>"'`]+/g) ?? []), ...args];
  const found = new Set<string>();
  let before = ';';
  for (const word of tokens) {
    const isOperator = /^[;&|()<>\n]+$/.test(word);
    const isProgram = /[;&|(\n]$/.test(before) || /^\w+=/.test(before);
    const isFirst = INTERPRETER.test(before);
    if (!isOperator && !word.startsWith('-') && !before.includes('>')) {
      if ((isProgram && word.includes('/')) || isFirst || SCRIPT_NAME.test(word)) found.add(word);
    }
    // Options stand between an interpreter and its script.
    if (!(isFirst && word.startsWith('-'))) before = word;
  }
  return [...found];
}
