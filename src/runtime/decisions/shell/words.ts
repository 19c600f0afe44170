import type { SyntaxNode } from './grammar.ts';
import type { ShellWord } from './types.ts';

/** What bash makes of a word's node: its value where the line alone tells it, else the source and `literal: false`. */
export function readWordNode(node: SyntaxNode): ShellWord {
  const value = hasExpandingPart(node) ? undefined : literalOf(node);
  return value === undefined ? { text: node.text, literal: false } : { text: value, literal: true };
}

/** Tilde, braces and `=program` are seen on the whole word: their parts may stand in different nodes. */
function hasExpandingPart(node: SyntaxNode): boolean {
  if (['raw_string', 'string', 'ansi_c_string'].includes(node.type)) return false;
  const { text } = node;
  if (/^[~=]|[=:]~/.test(text)) return true;
  return text !== '{}' && /\{/.test(text) && /,|\.\./.test(text) && !isQuotedThroughout(node);
}

function isQuotedThroughout(node: SyntaxNode): boolean {
  const plain =
    node.type === 'concatenation' ? node.children.filter((child) => child.type === 'word') : [node];
  return plain.every((child) => !/(?<!\\)[{}]/.test(child.text)) && !/(?<!\\)[{}]/.test(unnamedText(node));
}

function unnamedText(node: SyntaxNode): string {
  return node.children
    .filter((child) => !child.named)
    .map((child) => child.text)
    .join('');
}

function literalOf(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'command_name':
      return node.children.length === 1 && node.children[0] !== undefined
        ? literalOf(node.children[0])
        : undefined;
    case 'word':
    case 'number':
    case 'variable_name':
    case 'special_variable_name':
    case 'file_descriptor':
      return node.children.some((child) => child.named) ? undefined : unescapeWord(node.text);
    case 'raw_string':
      return node.text.slice(1, -1);
    case 'string':
      return unescapeString(node.text.slice(1, -1));
    case 'ansi_c_string':
      return decodeAnsi(node.text.slice(2, -1));
    case 'concatenation':
      return joinParts(node);
    default:
      return undefined;
  }
}

function joinParts(node: SyntaxNode): string | undefined {
  let text = '';
  let position = node.start;
  for (const child of node.children) {
    // A gap would be something that the grammar skipped and the shell does not.
    const part = child.start === position ? literalOf(child) : undefined;
    if (part === undefined) return undefined;
    text += part;
    position = child.end;
  }
  return position === node.end ? text : undefined;
}

function unescapeWord(text: string): string | undefined {
  const bare = text.replaceAll(/\\[\s\S]/g, '');
  if (/[$`*?[\]"'<>|&;()\s\\]/.test(bare)) return undefined;
  return text.replaceAll(/\\([\s\S])/g, (_, character: string) => (character === '\n' ? '' : character));
}

function unescapeString(text: string): string | undefined {
  if (/[$`"]/.test(text.replaceAll(/\\[\s\S]/g, ''))) return undefined;
  return text.replaceAll(/\\([\s\S])/g, (whole, character: string) => {
    if (character === '\n') return '';
    return /[\\"$`]/.test(character) ? character : whole;
  });
}

const ANSI: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  E: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};
const ANSI_ESCAPE =
  /\\(?:([abeEfnrtv\\'"?])|([0-7]{1,3})|x([\da-fA-F]{1,2})|u([\da-fA-F]{1,4})|U([\da-fA-F]{1,8})|c([\s\S]))/g;

/** `$'...'` (bash manual, "ANSI-C Quoting"); a code above Unicode's end or a NUL is not decoded. */
function decodeAnsi(text: string): string | undefined {
  let known = true;
  const decoded = text.replaceAll(ANSI_ESCAPE, (_, named, octal, hex, short, long, control) => {
    if (named !== undefined) return ANSI[named] ?? '';
    if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 0x1f);
    const code =
      octal === undefined ? Number.parseInt(hex ?? short ?? long, 16) : Number.parseInt(octal, 8) & 0xff;
    if (code === 0 || code > 0x10_ffff || (code > 0x7f && short === undefined && long === undefined))
      known = false;
    return known ? String.fromCodePoint(code) : '';
  });
  return known ? decoded : undefined;
}
