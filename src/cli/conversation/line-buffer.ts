import { charactersOf, hardWrap, textWidth } from '../render/markdown-wrap.ts';

/** A text that is being typed, and where in it (in code units, never inside a character). */
export interface Typed {
  readonly text: string;
  readonly cursor: number;
}

export const NOTHING_TYPED: Typed = { text: '', cursor: 0 };

export function typed(text: string): Typed {
  return { text, cursor: text.length };
}

/** Everything that changes a text or moves in it. What is not possible changes nothing. */
export const EDITS = {
  left: ({ text, cursor }: Typed): Typed => ({ text, cursor: before(text, cursor) }),
  right: ({ text, cursor }: Typed): Typed => ({ text, cursor: after(text, cursor) }),
  wordLeft: ({ text, cursor }: Typed): Typed => ({ text, cursor: wordStart(text, cursor) }),
  wordRight: ({ text, cursor }: Typed): Typed => ({ text, cursor: wordEnd(text, cursor) }),
  lineStart: ({ text, cursor }: Typed): Typed => ({ text, cursor: lineStart(text, cursor) }),
  lineEnd: ({ text, cursor }: Typed): Typed => ({ text, cursor: lineEnd(text, cursor) }),
  eraseLeft: (now: Typed): Typed => erase(now, before(now.text, now.cursor), now.cursor),
  eraseRight: (now: Typed): Typed => erase(now, now.cursor, after(now.text, now.cursor)),
  eraseWordLeft: (now: Typed): Typed => erase(now, wordStart(now.text, now.cursor), now.cursor),
  eraseWordRight: (now: Typed): Typed => erase(now, now.cursor, wordEnd(now.text, now.cursor)),
  eraseToLineStart: (now: Typed): Typed => erase(now, lineStart(now.text, now.cursor), now.cursor),
  eraseToLineEnd: (now: Typed): Typed => erase(now, now.cursor, lineEnd(now.text, now.cursor)),
} as const satisfies Record<string, (now: Typed) => Typed>;

export function insert({ text, cursor }: Typed, piece: string): Typed {
  return { text: text.slice(0, cursor) + piece + text.slice(cursor), cursor: cursor + piece.length };
}

/** One line up or down in the same column; undefined at the edge, where history begins. */
export function moveRow({ text, cursor }: Typed, by: -1 | 1): Typed | undefined {
  const start = lineStart(text, cursor);
  const column = cursor - start;
  if (by === -1) {
    if (start === 0) return undefined;
    const above = lineStart(text, start - 1);
    return { text, cursor: onCharacter(text, Math.min(above + column, start - 1)) };
  }
  const end = lineEnd(text, cursor);
  if (end === text.length) return undefined;
  return { text, cursor: onCharacter(text, Math.min(end + 1 + column, lineEnd(text, end + 1))) };
}

/** How it looks below a prompt: rows of at most so many columns, and where the cursor stands in them. */
export function layOut(
  { text, cursor }: Typed,
  prompt: string,
  width: number,
): { rows: string[]; cursor: { row: number; column: number } } {
  const indent = textWidth(prompt);
  const room = Math.max(width - indent, 4);
  const wrapped = (part: string): string[] =>
    shown(part)
      .split('\n')
      .flatMap((line) => hardWrap(line, room));
  const rows = wrapped(text).map((row, index) => (index === 0 ? prompt : ' '.repeat(indent)) + row);
  const head = wrapped(text.slice(0, cursor));
  const column = textWidth(head.at(-1) ?? '');
  // A full row's end is the beginning of the next one.
  if (column < room) return { rows, cursor: { row: head.length - 1, column: indent + column } };
  if (head.length === rows.length) rows.push(' '.repeat(indent));
  return { rows, cursor: { row: head.length, column: indent } };
}

/** A tab is shown as four blanks. */
function shown(text: string): string {
  return text.replaceAll('\t', '    ');
}

function erase({ text }: Typed, from: number, to: number): Typed {
  return { text: text.slice(0, from) + text.slice(to), cursor: from };
}

function before(text: string, cursor: number): number {
  return cursor - (charactersOf(text.slice(0, cursor)).at(-1)?.length ?? 0);
}

function after(text: string, cursor: number): number {
  return cursor + (charactersOf(text.slice(cursor))[0]?.length ?? 0);
}

function wordStart(text: string, cursor: number): number {
  return cursor - (/(?:\S+\s*|\s+)$/.exec(text.slice(0, cursor))?.[0].length ?? 0);
}

function wordEnd(text: string, cursor: number): number {
  return cursor + (/^(?:\s*\S+|\s+)/.exec(text.slice(cursor))?.[0].length ?? 0);
}

function lineStart(text: string, cursor: number): number {
  return cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1;
}

function lineEnd(text: string, cursor: number): number {
  const end = text.indexOf('\n', cursor);
  return end === -1 ? text.length : end;
}

/** The beginning of the character that a place lies in. */
function onCharacter(text: string, place: number): number {
  let start = 0;
  for (const character of charactersOf(text)) {
    if (start + character.length > place) return start;
    start += character.length;
  }
  return start;
}
