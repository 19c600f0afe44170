import { stripVTControlCharacters } from 'node:util';
import type { Style } from '../terminal/style.ts';

type Format = Extract<Parameters<Style>[0], string>;

/** Text that looks the same throughout. */
export interface Span {
  text: string;
  formats: readonly Format[];
}

/** Made when something is wrapped: it loads Node's tables of languages. */
let graphemes: Intl.Segmenter | undefined;
const PLAIN = /^[\x20-\x7e]*$/;
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;
const NOTHING = /^[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Control}]+$/u;

/** The characters of a text as a person counts them. */
export function charactersOf(text: string): string[] {
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** Columns that a text takes on a terminal; colours take none. */
export function textWidth(text: string): number {
  const bare = text.includes('\u001b') ? stripVTControlCharacters(text) : text;
  if (PLAIN.test(bare)) return bare.length;
  return charactersOf(bare).reduce((sum, character) => sum + characterWidth(character), 0);
}

function characterWidth(character: string): number {
  if (NOTHING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

const CODES = /(\u001b\[[0-9;]*m)/;

/** At most so many columns of a text that may hold colours; what is cut is marked by `…`. */
export function clip(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const room = Math.max(width - 1, 0);
  let used = 0;
  let cut = '';
  for (const part of text.split(CODES)) {
    if (CODES.test(part)) {
      cut += part;
      continue;
    }
    for (const character of charactersOf(part)) {
      used += characterWidth(character);
      if (used > room) return `${cut}…${text.includes('\u001b') ? '\u001b[0m' : ''}`;
      cut += character;
    }
  }
  return cut;
}

/** A text in rows of at most so many columns, broken anywhere; an empty text is one empty row. */
export function hardWrap(text: string, width: number): string[] {
  const rows: string[] = [];
  let row = '';
  let used = 0;
  for (const character of charactersOf(text)) {
    const columns = characterWidth(character);
    if (used + columns > width && row !== '') {
      rows.push(row);
      row = '';
      used = 0;
    }
    row += character;
    used += columns;
  }
  return [...rows, row];
}

/** Breaks spans at blanks into lines of at most so many columns; a longer word stays whole, so that it can be copied. */
export function wrapSpans(spans: readonly Span[], width: number): Span[][] {
  const lines: Span[][] = [];
  let line: Span[] = [];
  let used = 0;
  let gap: Span | undefined;
  for (const word of wordsOf(spans)) {
    if ('blank' in word) {
      gap = word.blank;
      continue;
    }
    const columns = word.spans.reduce((sum, { text }) => sum + textWidth(text), 0);
    const before = gap === undefined ? 0 : textWidth(gap.text);
    if (used > 0 && used + before + columns > width) {
      lines.push(line);
      line = [];
      used = 0;
    } else if (gap !== undefined && used > 0) {
      line.push(gap);
      used += before;
    }
    gap = undefined;
    line.push(...word.spans);
    used += columns;
  }
  return [...lines, line];
}

type Word = { blank: Span } | { spans: Span[] };

/** Words and the blanks between them; a word may be made of several spans. */
function wordsOf(spans: readonly Span[]): Word[] {
  const words: Word[] = [];
  for (const { text, formats } of spans) {
    for (const [piece] of text.matchAll(/\s+|\S+/g)) {
      const last = words.at(-1);
      if (piece.trim() === '') words.push({ blank: { text: ' ', formats } });
      else if (last !== undefined && 'spans' in last) last.spans.push({ text: piece, formats });
      else words.push({ spans: [{ text: piece, formats }] });
    }
  }
  return words;
}

/** A line of spans as text; neighbours that look alike are joined. */
export function paint(spans: readonly Span[], style: Style): string {
  const joined: { text: string; formats: readonly Format[] }[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last !== undefined && last.formats.join() === span.formats.join()) last.text += span.text;
    else joined.push({ ...span });
  }
  return joined
    .map(({ text, formats }) => (formats.length === 0 ? text : style([...formats], text)))
    .join('');
}
