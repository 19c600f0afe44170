import type { ShellCommand, ShellProblem, ShellWord } from './types.ts';
import { EXECUTING_VARIABLES, findWrapper, locateProgram, programName, type Wrapper } from './wrappers.ts';

/** What else a command may run. */
export interface Expansion {
  /** Each tail of a wrapper's words: one of them is the program that it runs, and a deny looks at all. */
  commands: ShellCommand[];
  /** Literal shell text that it evaluates. */
  texts: string[];
  problems: ShellProblem[];
}

/** More words than this are not followed one by one. */
const MAX_TAILS = 64;

export function expandCommand(command: ShellCommand): Expansion {
  const expansion: Expansion = { commands: [], texts: [], problems: [] };
  const { words } = command;
  if (words[0]?.literal !== true) {
    expansion.problems.push({ code: 'command_word', text: words[0]?.text ?? '' });
    return expansion;
  }
  const wrapper = wrapperOf(words);
  if (wrapper === undefined) return expansion;
  evaluate(words, wrapper, command, expansion);
  if (words.length > MAX_TAILS) expansion.problems.push({ code: 'not_parsed', text: words[0].text });
  for (let index = 1; index < Math.min(words.length, MAX_TAILS); index += 1) {
    const tail = words.slice(index);
    if (tail[0]?.literal !== true) continue;
    expansion.commands.push({ ...command, words: tail, assignments: [], found: 'wrapper' });
    const inner = wrapperOf(tail);
    if (inner !== undefined) evaluate(tail, inner, command, expansion);
  }
  return expansion;
}

function wrapperOf(words: readonly ShellWord[]): Wrapper | undefined {
  return findWrapper(words.map((word) => word.text));
}

function evaluate(words: ShellWord[], wrapper: Wrapper, command: ShellCommand, out: Expansion): void {
  const name = words[0]?.text ?? '';
  const problem = (): void =>
    void out.problems.push({ code: 'evaluates', text: words.map((word) => word.text).join(' ') });
  switch (wrapper.kind) {
    case 'unknown':
    case 'code':
      return problem();
    case 'program':
      return checkCommandPosition(words, wrapper, out);
    case 'text':
      checkCommandPosition(words, wrapper, out);
      if (words.slice(1).some((word) => !word.literal) && readsWordsAsText(name)) return problem();
      return collectTexts(words, out);
    case 'shell':
      if (words.slice(1).some((word) => !word.literal)) problem();
      if (!words.some((word) => /^[-+]\w*c/.test(word.text))) readInput(command, out, problem);
      return collectTexts(words, out);
  }
}

/** Wrappers that take a program and only with some flag text. */
function readsWordsAsText(name: string): boolean {
  return !['sudo', 'doas', 'env', 'npx', 'flock', 'npm', 'pnpm', 'yarn', 'bunx'].includes(programName(name));
}

function checkCommandPosition(words: ShellWord[], wrapper: Wrapper, out: Expansion): void {
  const { index, sure } = locateProgram(
    words.map((word) => word.text),
    wrapper,
  );
  const suspects = sure ? words.slice(1, index + 1) : words.slice(1);
  const open = suspects.find(
    (word) => !word.literal || (word.text === '{}' && words.indexOf(word) === index),
  );
  if (open !== undefined) out.problems.push({ code: 'command_word', text: open.text });
}

/** A word alone may be the text (`-c TEXT`), or all words joined (`eval`, `ssh`). */
function collectTexts(words: ShellWord[], out: Expansion): void {
  const rest = words.slice(1);
  for (const word of rest) {
    if (!word.literal) continue;
    if (/[^A-Za-z0-9_./:=@%+,-]/.test(word.text)) out.texts.push(word.text);
    out.texts.push(...valuesIn(word.text));
  }
  const literal = rest.filter((word) => word.literal).map((word) => word.text);
  if (literal.length === rest.length && literal.some((text) => /[^A-Za-z0-9_./:=@%+,-]/.test(text))) {
    out.texts.push(literal.join(' '));
  }
}

/** Text behind a name or a flag in one word: `alias x=TEXT`, `-c alias.x=!TEXT`, `--action=exec=TEXT`, `-STEXT`, `-iSTEXT`. */
function valuesIn(word: string): string[] {
  const named = /^[^\s=]+=!?([\s\S]+)$/.exec(word)?.[1];
  if (named !== undefined) return [named, ...valuesIn(named)];
  const flags = /^-([A-Za-z0]+)(?=[\s\S])/.exec(word)?.[1] ?? '';
  return [1, 2, 3]
    .filter((count) => count <= flags.length)
    .map((count) => word.slice(1 + count))
    .filter((text) => text !== '');
}

/** A shell without a script runs its standard input: known only where a here-document alone feeds it. */
function readInput(command: ShellCommand, out: Expansion, problem: () => void): void {
  const inputs = command.redirections.filter((redirection) => redirection.operator.startsWith('<'));
  const [only] = inputs;
  if (inputs.length === 1 && only?.input !== undefined && !command.piped) out.texts.push(only.input);
  else problem();
}

/** The shell text in an assignment such as `PAGER='...'`, or the problem that it is not literal. */
export function expandAssignment(assignment: string): Pick<Expansion, 'texts' | 'problems'> {
  const equals = assignment.indexOf('=');
  const value = assignment.slice(equals + 1).replaceAll(/^['"]|['"]$/g, '');
  const name = assignment.slice(0, equals).replace(/(?:\[.*\])?\+?$/s, '');
  if (!EXECUTING_VARIABLES.test(name) || value === '') return { texts: [], problems: [] };
  if (/[$`\\]/.test(value)) return { texts: [], problems: [{ code: 'evaluates', text: assignment }] };
  return { texts: [value], problems: [] };
}
