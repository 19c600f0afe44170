import { collect } from './collect.ts';
import { expandAssignment, expandCommand } from './expand.ts';
import type { ShellGrammar } from './grammar.ts';
import { readPlainLine, readSimpleLine } from './simple-line.ts';
import type { ShellCommand, ShellLine, ShellProblem } from './types.ts';
import { runsItsArguments } from './wrappers.ts';

/** Evaluated text inside evaluated text: deeper than this it counts as not parsed. */
const MAX_NESTING = 8;
/** Pieces of evaluated text in one line; more is nothing that a person would write. */
const MAX_TEXTS = 200;

interface Budget {
  texts: number;
}

interface Reading {
  parsed: boolean;
  commands: ShellCommand[];
  problems: ShellProblem[];
  texts: string[];
}

/**
 * Reads a shell line as bash would, without running anything (R21). A line of plain words does not load the grammar.
 * Never throws for what stands in the line: what cannot be judged is a problem in the result.
 */
export async function parseShellLine(source: string, grammar: ShellGrammar): Promise<ShellLine> {
  const read = await readText(source, grammar);
  const line: ShellLine = { source, parsed: read.parsed, commands: [], literalOnly: false, problems: [] };
  line.literalOnly = read.parsed && isLiteralOnly(source, read);
  await expandAll(read, line, grammar, 0, { texts: 0 });
  markArithmetic(line);
  return line;
}

async function readText(source: string, grammar: ShellGrammar): Promise<Reading> {
  const plain = readPlainLine(source);
  if (plain !== undefined) {
    const words = plain.map((text) => ({ text, literal: true }));
    return {
      parsed: true,
      commands: [{ words, assignments: [], redirections: [], found: 'line', piped: false }],
      problems: [],
      texts: [],
    };
  }
  const joined = joinContinuations(source);
  const root = joined === undefined || hasOddControls(joined) ? undefined : await grammar.parse(joined);
  if (root === undefined)
    return { parsed: false, commands: [], problems: [{ code: 'not_parsed', text: source }], texts: [] };
  const { commands, problems, texts } = collect(root);
  if (joined !== source) problems.push({ code: 'structure', text: 'line continuation' });
  return { parsed: true, commands, problems, texts };
}

/**
 * bash takes `\` before a newline away before it reads words, but for single quotes, comments and quoted
 * here-documents; a line that has both is not judged.
 */
function joinContinuations(source: string): string | undefined {
  if (!source.includes('\\\n')) return source;
  if (/['#]|<</.test(source)) return undefined;
  return source.replaceAll(/\\[\s\S]/g, (pair) => (pair === '\\\n' ? '' : pair));
}

/** Blanks to the grammar, ordinary characters of a word to the shell, or the other way round. */
function hasOddControls(source: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u0008\u000b-\u001f\u007f\u0085\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]/.test(
    source,
  );
}

/** Both readings must agree on every word, and no command may run its arguments. */
function isLiteralOnly(source: string, { commands, problems }: Reading): boolean {
  const simple = readPlainLine(source) === undefined ? readSimpleLine(source) : undefined;
  const expected = simple?.commands ?? [readPlainLine(source) ?? []];
  for (const command of commands) {
    const words = command.words.map((word) => word.text);
    if (runsItsArguments(words)) problems.push({ code: 'wrapper', text: words[0] ?? '' });
    const open = command.words.find((word) => !word.literal);
    if (open !== undefined) problems.push({ code: 'expansion', text: open.text });
  }
  if (problems.length > 0) return false;
  const seen = commands.map((command) => command.words.map((word) => word.text));
  if (JSON.stringify(seen) === JSON.stringify(expected)) return true;
  problems.push({ code: 'structure', text: source });
  return false;
}

async function expandAll(
  read: Reading,
  line: ShellLine,
  grammar: ShellGrammar,
  depth: number,
  budget: Budget,
): Promise<void> {
  line.problems.push(...read.problems);
  const assigned = read.problems.filter((problem) => problem.code === 'assignment');
  const expansions = assigned.map((problem) => expandAssignment(problem.text));
  for (const command of read.commands) {
    const expansion = expandCommand(command);
    line.commands.push(command, ...expansion.commands);
    expansions.push(expansion);
  }
  for (const { problems } of expansions) line.problems.push(...problems);
  for (const text of new Set([...read.texts, ...expansions.flatMap((expansion) => expansion.texts)])) {
    budget.texts += 1;
    if (depth >= MAX_NESTING || budget.texts > MAX_TEXTS) {
      line.problems.push({ code: 'not_parsed', text });
      return;
    }
    const nested = await readText(text, grammar);
    const commands = nested.commands.map((inner) => ({ ...inner, found: 'text' as const }));
    await expandAll({ ...nested, commands }, line, grammar, depth + 1, budget);
  }
  markShadowed(read.commands, line);
}

/** A name that the line itself gives a new meaning says nothing about what it runs. */
function markShadowed(commands: ShellCommand[], line: ShellLine): void {
  const names = new Set<string>();
  for (const { words } of commands) {
    const program = words[0]?.text ?? '';
    if (program === 'alias') for (const word of words.slice(1)) names.add(word.text.split('=')[0] ?? '');
    if (program === 'hash' || program === 'enable') for (const word of words.slice(1)) names.add(word.text);
  }
  for (const { words } of commands) {
    const program = words[0]?.text ?? '';
    if (names.has(program)) line.problems.push({ code: 'command_word', text: program });
  }
}

/** Arithmetic reads a variable's text as an expression and runs the substitutions in it. */
function markArithmetic(line: ShellLine): void {
  const carries = /\[[\s\S]*(?:\$\(|`)/.test(line.source);
  const reads = line.commands.some((command) =>
    [
      'let',
      'test',
      '[',
      'printf',
      'read',
      'unset',
      'declare',
      'typeset',
      'local',
      'export',
      'readonly',
      'mapfile',
    ].includes(command.words[0]?.text ?? ''),
  );
  const computes = /\(\(|-(?:eq|ne|lt|gt|le|ge)\b|\$\[|\[\[/.test(line.source);
  if (carries && (reads || computes)) line.problems.push({ code: 'evaluates', text: line.source });
}
