/** So many characters of a value are looked for first. */
const LENGTH = 3;

/** A first look at a text that spares most texts the second one: what it lets through holds no value, and no beginning of one. */
export class Sieve {
  readonly #beginnings: RegExp;
  readonly #ends: RegExp;

  /** @param values each of at least three characters */
  constructor(values: readonly string[]) {
    const heads = (length: number): string[] => values.map((value) => escaped(value.slice(0, length)));
    const unique = (texts: readonly string[]): string => [...new Set(texts)].join('|');
    this.#beginnings = new RegExp(unique(heads(LENGTH)));
    this.#ends = new RegExp(`(?:${unique([...heads(1), ...heads(2)])})$`);
  }

  /** False: no value begins in this text and goes on for three characters. */
  mayHold(text: string): boolean {
    return text.length >= LENGTH && this.#beginnings.test(text);
  }

  /** False: nothing of this text has to wait for what comes behind it. */
  mayOpen(text: string): boolean {
    return this.#ends.test(text.slice(-2));
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
