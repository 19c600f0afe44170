import { programIsYonder } from '../patterns.ts';
import { matchesCommandGlob } from '../glob.ts';
import type { ShellCommand, ShellLine } from './types.ts';
import { programName } from './wrappers.ts';

/** Stands for a blank inside a word: a pattern's own blank is always one between words. */
const INNER_BLANK = '\uE000';

/** Whether an allow pattern's glob matches this command, whose words are all literal; the program as written (R21). */
export function allowsCommand(command: ShellCommand, glob: string): boolean {
  const words = command.words.map((word) => word.text.replaceAll(/\s/g, INNER_BLANK));
  if (words[0] === undefined || words[0] === '' || words[0].includes(INNER_BLANK)) return false;
  return matchesCommandGlob(words.join(' '), glob, 'narrow');
}

/** Whether no allow pattern may match the line, whatever it says: it is not wholly literal, or runs yonder (R13). */
export function isOutOfReach(line: ShellLine): boolean {
  return !line.literalOnly || runsYonder(line);
}

const INTERPRETER = /^(?:node|nodejs|bun|deno|tsx|ts-node|sh|bash|dash|zsh|ksh|ash|npm|pnpm|yarn)$/;

/** Whether a command of the line is this program's own, directly, behind a wrapper or as an interpreter's script. */
export function runsYonder(line: ShellLine): boolean {
  return line.commands.some(({ words }) => {
    const program = words[0]?.text ?? '';
    if (programIsYonder(program)) return true;
    return INTERPRETER.test(programName(program)) && words.some((word) => programIsYonder(word.text));
  });
}

/** A literal command, anywhere in the line, that the glob of a deny matches. */
export function findDenied(line: ShellLine, glob: string): ShellCommand | undefined {
  return line.commands.find(
    (command) => command.words.every((word) => word.literal) && matchesCommand(command, glob),
  );
}

/** For an ask, words that are not literal stand as they are written: it errs on the side of asking. */
export function matchesAsk(line: ShellLine, glob: string): boolean {
  return (
    line.commands.some((command) => matchesCommand(command, glob)) || whyUnjudged(line, [glob]) !== undefined
  );
}

function matchesCommand(command: ShellCommand, glob: string): boolean {
  const [program = '', ...rest] = command.words.map((word) => word.text);
  const names = new Set([program, program.slice(program.lastIndexOf('/') + 1)]);
  return [...names].some((name) => matchesCommandGlob([name, ...rest].join(' '), glob, 'wide'));
}

/**
 * Why a line cannot be judged by deny rules with these globs (R21): then only a person can let it run. `undefined`
 * where it can be judged.
 */
export function whyUnjudged(line: ShellLine, denyGlobs: readonly string[]): string | undefined {
  if (denyGlobs.length === 0) return undefined;
  if (!line.parsed) return 'the line cannot be parsed';
  for (const problem of line.problems) {
    if (problem.code === 'not_parsed') return `text in it cannot be parsed: ${shorten(problem.text)}`;
    if (problem.code === 'command_word')
      return `what runs is known only at run time: ${shorten(problem.text)}`;
    if (problem.code === 'evaluates')
      return `it evaluates text that no rule can read: ${shorten(problem.text)}`;
  }
  const programs = denyGlobs.map((glob) => /^\S+/.exec(glob)?.[0] ?? '');
  for (const command of line.commands) {
    const open = command.words.slice(1).find((word) => !word.literal);
    const name = command.words[0]?.text ?? '';
    if (open !== undefined && programs.some((glob) => namesProgram(glob, name))) {
      return `a deny rule names ${shorten(name)}, and ${shorten(open.text)} is known only at run time`;
    }
  }
  return undefined;
}

/** A glob that begins with a wildcard names no program. */
function namesProgram(glob: string, program: string): boolean {
  if (/^[*?]/.test(glob)) return false;
  return [program, programName(program)].some((name) => matchesCommandGlob(name, glob, 'wide'));
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
