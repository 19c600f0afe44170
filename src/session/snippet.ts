/** Characters of a snippet before and after the first word that was found. */
const BEFORE = 40;
const AFTER = 100;

export interface Snippet {
  /** One line of the text around the first word that was found. */
  text: string;
  /** Where words that were looked for stand in it, as pairs of start and end. */
  marks: [number, number][];
}

/** The part of a text that shows why it was found. `words` are in lower case. */
export function snippetOf(text: string, words: readonly string[]): Snippet {
  const [first] = placesOf(text, words);
  const start = first === undefined ? 0 : wordStart(text, first[0] - BEFORE);
  const end = Math.min(text.length, (first?.[1] ?? 0) + AFTER);
  const cut = wellFormed(text.slice(start, end)).replaceAll(/\s+/gu, ' ').trim();
  const line = `${start > 0 ? '… ' : ''}${cut}${end < text.length ? ' …' : ''}`;
  return { text: line, marks: placesOf(line, words) };
}

/** Words that begin with one of those that were looked for, in order. */
function placesOf(text: string, words: readonly string[]): [number, number][] {
  const folded = fold(text);
  const wanted = words.map((word) => fold(word));
  const places: [number, number][] = [];
  for (const { 0: word, index } of folded.matchAll(/[\p{L}\p{N}\p{Co}\p{M}]+/gu)) {
    const hit = wanted.find((one) => word.startsWith(one));
    if (hit !== undefined) places.push([index, index + hit.length]);
  }
  return places;
}

/** Lower case without accents, unit by unit, so that places stay the same. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length && /^\p{ASCII}*$/u.test(lower)) return lower;
  let folded = '';
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charAt(index);
    folded += unit.normalize('NFD').charAt(0).toLowerCase().charAt(0);
  }
  return folded;
}

function wordStart(text: string, from: number): number {
  if (from <= 0) return 0;
  const blank = text.slice(from, from + BEFORE).search(/\s/u);
  return blank === -1 ? from : from + blank + 1;
}

function wellFormed(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, '').replace(/[\ud800-\udbff]$/, '');
}
