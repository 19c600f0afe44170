/** Ctrl-R: looks through what was typed, newest first, for what holds a text; capitals do not matter. */
export class HistorySearch {
  readonly #entries: readonly string[];
  #query = '';
  /** How many matches were passed over for an older one. */
  #passed = 0;

  /** `entries` with the oldest first. */
  constructor(entries: readonly string[]) {
    this.#entries = entries.toReversed();
  }

  /** What is found; undefined where nothing is looked for yet, or nothing is there. */
  get found(): string | undefined {
    return this.#matches()[this.#passed];
  }

  get prompt(): string {
    const nothing = this.#query !== '' && this.found === undefined ? ' not found' : '';
    return `search "${this.#query}"${nothing}: `;
  }

  type(text: string): void {
    this.#query += text;
    this.#passed = 0;
  }

  erase(): void {
    this.#query = Array.from(this.#query).slice(0, -1).join('');
    this.#passed = 0;
  }

  /** The next older one, where there is one. */
  older(): void {
    if (this.#passed + 1 < this.#matches().length) this.#passed += 1;
  }

  #matches(): string[] {
    const wanted = this.#query.toLowerCase();
    return wanted === '' ? [] : this.#entries.filter((entry) => entry.toLowerCase().includes(wanted));
  }
}
