/**
 * A second reading of a line, written apart from the grammar and far narrower: words that are literal in every shell
 * we know, joined by `|`, `||`, `&&`, `;`, `&` and newlines, with redirections to a descriptor or `/dev/null` alone.
 * An allow pattern may match only where both readings agree (R21).
 */
export interface SimpleLine {
  commands: string[][];
}

/** A line of such words and blanks alone is judged without the grammar. */
const PLAIN_LINE = /^[A-Za-z0-9_./:=@%+,-]+(?: +[A-Za-z0-9_./:=@%+,-]+)*$/;
const ASSIGNMENT = /^[A-Za-z_]\w*(?:\[.*\])?\+?=/s;
/** Words with which a shell begins something else than a simple command. */
const RESERVED = new Set(
  'if then else elif fi do done case esac while until for select function time coproc repeat foreach end nocorrect noglob { } [[ ]] [ !'.split(
    ' ',
  ),
);
/** Control characters, and what is invisible or looks like a blank: nobody approves what they cannot see. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;
const REDIRECTION = /^(?:&>>?|[<>]|>>|>\||[<>]&)/;

/** Reads a line of plain words into its one command; `undefined` for any other line. */
export function readPlainLine(source: string): string[] | undefined {
  const text = source.replace(/^ +| +$/g, '');
  if (!PLAIN_LINE.test(text)) return undefined;
  const words = text.split(/ +/);
  const first = words[0] ?? '';
  if (ASSIGNMENT.test(first) || RESERVED.has(first)) return undefined;
  // Some shells expand `=program` to the program's path.
  return words.some((word) => word.startsWith('=')) ? undefined : words;
}

/** Reads a simple line; `undefined` for every line that is more than that. */
export function readSimpleLine(source: string): SimpleLine | undefined {
  if (UNSEEN.test(source.replaceAll(/[\n\t]/g, ' '))) return undefined;
  const commands: string[][] = [];
  let words: string[] = [];
  let rest = source;
  let needsCommand = false;
  // What follows `&> file` is an argument to bash and a command to a plain sh.
  let ended = false;
  while (rest !== '') {
    const blank = /^[ \t]+|^#[^\n]*/.exec(rest)?.[0];
    if (blank !== undefined) {
      rest = rest.slice(blank.length);
      continue;
    }
    const redirection =
      /^(?:\d+(?=[<>]))?(?:&>>?|>>|[<>]&|>\||[<>])[ \t]*(\/dev\/null|\d+|-)(?=$|[\s;&|])/.exec(rest);
    if (redirection !== null) {
      const toDescriptor = redirection[1] !== '/dev/null';
      if (toDescriptor !== /[<>]&/.test(redirection[0])) return undefined;
      ended ||= redirection[0].startsWith('&');
      rest = rest.slice(redirection[0].length);
      continue;
    }
    const operator = /^(?:&&|\|\||\|&|[|;&\n])/.exec(rest)?.[0];
    if (operator !== undefined) {
      const separates = operator === ';' || operator === '&' || operator === '\n';
      if (words.length > 0) commands.push(words);
      else if (operator !== '\n') return undefined;
      if (words.length > 0) needsCommand = !separates;
      words = [];
      ended = false;
      rest = rest.slice(operator.length);
      continue;
    }
    if (REDIRECTION.test(rest) || /^\d+[<>]/.test(rest)) return undefined;
    const word = readWord(rest);
    if (word === undefined || ended) return undefined;
    if (words.length === 0 && (ASSIGNMENT.test(word.text) || RESERVED.has(word.text))) return undefined;
    words.push(word.text);
    rest = rest.slice(word.length);
  }
  if (words.length > 0) commands.push(words);
  else if (needsCommand) return undefined;
  return commands.length > 0 ? { commands } : undefined;
}

function readWord(rest: string): { text: string; length: number } | undefined {
  let text = '';
  let index = 0;
  while (index < rest.length) {
    const piece = readPiece(rest.slice(index));
    if (piece === undefined) return undefined;
    if (piece.length === 0) break;
    text += piece.text;
    index += piece.length;
  }
  const source = rest.slice(0, index);
  if (index === 0 || /^[~=]|[=:]~/.test(source)) return undefined;
  if (source !== '{}' && /[{}]/.test(source) && /,|\.\./.test(source)) return undefined;
  // A word that ends where `<` or `>` begins would be a descriptor or not, depending on the shell.
  return /^[<>]/.test(rest.slice(index)) ? undefined : { text, length: index };
}

/** One quoted or plain piece of a word; length 0 where the word ends, `undefined` where it is not literal. */
function readPiece(rest: string): { text: string; length: number } | undefined {
  const character = rest.charAt(0);
  if (character === '\\') {
    const next = rest.charAt(1);
    return next === '' || next === '\n' ? undefined : { text: next, length: 2 };
  }
  if (character === "'") {
    const end = rest.indexOf("'", 1);
    return end === -1 ? undefined : { text: rest.slice(1, end), length: end + 1 };
  }
  if (character === '"') {
    const inside = /^"((?:[^"\\$`!]|\\[^\n])*)"/.exec(rest);
    if (inside === null) return undefined;
    return { text: (inside[1] ?? '').replaceAll(/\\([\\"$`])/g, '$1'), length: inside[0].length };
  }
  if (/[\s;&|<>]/.test(character)) return { text: '', length: 0 };
  if (/[$`()*?[\]]/.test(character)) return undefined;
  return { text: character, length: 1 };
}
