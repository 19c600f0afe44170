import type { SyntaxNode } from './grammar.ts';
import type { ShellCommand, ShellProblem, ShellRedirection, ShellWord } from './types.ts';
import { readWordNode } from './words.ts';

/** Everything that a tree says: its commands in the order of the line, and what cannot be known about them. */
export interface Collected {
  commands: ShellCommand[];
  problems: ShellProblem[];
  /** Text that is none to bash and commands to a plain sh, which may be the shell that runs the line. */
  texts: string[];
}

interface Place {
  /** Redirections of the statement that is this very command. */
  direct: SyntaxNode[];
  /** Redirections of a statement around it. */
  around: SyntaxNode[];
  piped: boolean;
}

const NOWHERE: Place = { direct: [], around: [], piped: false };
const REDIRECTS = new Set(['file_redirect', 'heredoc_redirect', 'herestring_redirect']);
/** Constructs whose keyword acts like a program on the words after it. */
const KEYWORD_COMMANDS = new Set(['declaration_command', 'unset_command']);

export function collect(root: SyntaxNode): Collected {
  const collected: Collected = { commands: [], problems: [], texts: [] };
  walk(root, NOWHERE, collected);
  return collected;
}

function walk(node: SyntaxNode, place: Place, out: Collected): void {
  if (node.type === 'redirected_statement') return walkRedirected(node, place, out);
  if (node.type === 'pipeline') return walkPipeline(node, place, out);
  if (node.type === 'command') readCommand(node, place, out);
  else if (KEYWORD_COMMANDS.has(node.type)) readKeywordCommand(node, place, out);
  else if (node.type === 'arithmetic_expansion' || node.type === 'c_style_for_statement')
    readArithmetic(node, out);
  else if (node.type === 'variable_assignment') out.problems.push({ code: 'assignment', text: node.text });
  else if (node.type === 'expansion' && node.text.endsWith('@P}')) {
    out.problems.push({ code: 'evaluates', text: node.text });
  }
  readAsPlainShell(node, out);
  const inner = node.type === 'command' ? NOWHERE : { ...place, direct: [] };
  for (const child of node.children) walk(child, REDIRECTS.has(child.type) ? NOWHERE : inner, out);
}

function walkRedirected(node: SyntaxNode, place: Place, out: Collected): void {
  const redirects = node.children.filter((child) => REDIRECTS.has(child.type));
  const body = node.children.find((child) => child.named && !REDIRECTS.has(child.type));
  if (body === undefined) pushCommand([], [], { ...place, direct: redirects }, out);
  else if (body.type === 'command') walk(body, { ...place, direct: redirects }, out);
  else walk(body, { ...place, direct: [], around: [...place.around, ...redirects] }, out);
  for (const redirect of redirects) {
    const after = redirect.children.filter((child) => ['pipeline', 'list', 'command'].includes(child.type));
    for (const child of redirect.children) walk(child, { ...NOWHERE, piped: after.includes(child) }, out);
  }
}

function walkPipeline(node: SyntaxNode, place: Place, out: Collected): void {
  const parts = node.children.filter((child) => child.named);
  for (const [index, part] of parts.entries()) {
    walk(
      part,
      { ...place, direct: [], around: [...place.around, ...place.direct], piped: place.piped || index > 0 },
      out,
    );
  }
}

function readCommand(node: SyntaxNode, place: Place, out: Collected): void {
  const words: ShellWord[] = [];
  const assignments: string[] = [];
  const redirects: SyntaxNode[] = [];
  for (const child of node.children) {
    if (child.type === 'variable_assignment') assignments.push(child.text);
    else if (REDIRECTS.has(child.type)) redirects.push(child);
    else words.push(readWordNode(child));
  }
  pushCommand(words, assignments, { ...place, direct: [...redirects, ...place.direct] }, out);
}

function readKeywordCommand(node: SyntaxNode, place: Place, out: Collected): void {
  const words = node.children.map((child) =>
    child.named && child.type !== 'variable_assignment'
      ? readWordNode(child)
      : { text: child.text, literal: !child.named },
  );
  pushCommand(words, [], place, out);
}

function pushCommand(words: ShellWord[], assignments: string[], place: Place, out: Collected): void {
  const redirections: ShellRedirection[] = [];
  const all = [...words];
  for (const redirect of place.direct) {
    const { redirection, extra } = readRedirection(redirect);
    redirections.push(redirection);
    all.push(...extra);
    if (redirection.operator.startsWith('&') && extra.length > 0) pushCommand(extra, [], NOWHERE, out);
  }
  for (const redirect of place.around)
    redirections.push({ ...readRedirection(redirect).redirection, input: undefined });
  for (const redirection of redirections) {
    if (!redirection.harmless) out.problems.push({ code: 'redirection', text: redirection.operator });
  }
  if (all.length > 0) {
    out.commands.push({ words: all, assignments, redirections, found: 'line', piped: place.piped });
  }
}

/** `((` opens subshells in a plain sh that knows no arithmetic command, and `$'` is no quote with escapes there. */
function readAsPlainShell(node: SyntaxNode, out: Collected): void {
  const inner = node.type === 'compound_statement' ? /^\(\(([\s\S]*)\)\)$/.exec(node.text)?.[1] : undefined;
  if (inner !== undefined) out.texts.push(inner);
  if (node.type === 'ansi_c_string' && node.text.includes("\\'")) {
    out.problems.push({ code: 'not_parsed', text: node.text });
  }
}

/** The grammar takes words after a redirection's target for more targets; to the shell they are the command's own. */
function readRedirection(node: SyntaxNode): { redirection: ShellRedirection; extra: ShellWord[] } {
  if (node.type === 'heredoc_redirect') return readHeredoc(node);
  const operator = node.children.find((child) => !child.named)?.text ?? '';
  const [target, ...extra] = node.children
    .filter((child) => child.named && child.type !== 'file_descriptor')
    .map((child) => readWordNode(child));
  const closes = operator.endsWith('&-');
  const known = target ?? { text: '', literal: closes };
  if (node.type === 'herestring_redirect') {
    const input = known.literal ? `${known.text}\n` : undefined;
    return {
      redirection: { operator, target: known, harmless: false, ...(input === undefined ? {} : { input }) },
      extra,
    };
  }
  const descriptor = /^[<>]&-?$/.test(operator) && /^(?:\d*-?)$/.test(known.text);
  const harmless = known.literal && (known.text === '/dev/null' || descriptor || closes);
  return { redirection: { operator, target: known, harmless }, extra };
}

function readHeredoc(node: SyntaxNode): { redirection: ShellRedirection; extra: ShellWord[] } {
  const operator = node.children.find((child) => !child.named)?.text ?? '<<';
  const start = node.children.find((child) => child.type === 'heredoc_start')?.text ?? '';
  const body = node.children.find((child) => child.type === 'heredoc_body')?.text ?? '';
  const text = operator === '<<-' ? body.replaceAll(/^\t+/gm, '') : body;
  const quoted = /['"\\]/.test(start);
  const literal = quoted || !/[$`\\]/.test(text);
  const structural = new Set([
    'heredoc_start',
    'heredoc_body',
    'heredoc_end',
    'file_descriptor',
    'pipeline',
    'list',
    'command',
  ]);
  const extra = node.children
    .filter((child) => child.named && !structural.has(child.type) && !REDIRECTS.has(child.type))
    .map((child) => readWordNode(child));
  const target = { text: start, literal: true };
  return { redirection: { operator, target, harmless: false, ...(literal ? { input: text } : {}) }, extra };
}

/** Arithmetic looks into variables and runs the substitutions in their text. */
function readArithmetic(node: SyntaxNode, out: Collected): void {
  if (/[A-Za-z_]/.test(node.text.replaceAll(/0[xX][\da-fA-F]+/g, ''))) {
    out.problems.push({ code: 'expansion', text: node.text });
  }
}
