/** The most words of one search that count, and the longest one. */
const MOST_WORDS = 32;
const LONGEST_WORD = 200;

export interface SearchWords {
  /** For SQLite's MATCH: every word and phrase must be in one text. Made of quoted strings alone, so that nothing of it is syntax. */
  match: string;
  /** What a snippet is made around, in lower case. */
  words: string[];
}

/**
 * What a person typed, as words: all must be there, each may be the beginning of a longer one, and what stands in quotes is a phrase.
 * Undefined where it has no letter and no digit, which finds nothing.
 */
export function searchWords(typed: string): SearchWords | undefined {
  const terms: string[] = [];
  const words: string[] = [];
  // NUL ends a string in SQLite's parser.
  for (const [whole, phrase] of typed.replaceAll('\0', ' ').matchAll(/"([^"]*)(?:"|$)|[^\s"]+/gu)) {
    const text = (phrase ?? whole).slice(0, LONGEST_WORD);
    const parts = text.toLowerCase().match(/[\p{L}\p{N}\p{Co}]+/gu);
    if (parts === null || terms.length === MOST_WORDS) continue;
    terms.push(phrase === undefined ? `"${text}" *` : `"${text}"`);
    words.push(...parts);
  }
  return terms.length === 0 ? undefined : { match: terms.join(' AND '), words };
}
