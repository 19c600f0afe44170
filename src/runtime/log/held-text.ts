/** Pieces that are kept apart for readers that keep up; more of them are joined to what is older. */
const RECENT = 128;

/**
 * The kept end of a text that grows by small pieces. To cut a part out of one long string copies all of it, for each reader and piece; so the
 * last pieces are kept apart. Offsets and sizes are in UTF-16 code units.
 */
export class HeldText {
  #older = '';
  #recent: string[] = [];
  #recentLength = 0;
  #start = 0;

  /** The offset of the first code unit that is still held. */
  get start(): number {
    return this.#start;
  }

  get length(): number {
    return this.#older.length + this.#recentLength;
  }

  get end(): number {
    return this.#start + this.length;
  }

  add(piece: string): void {
    this.#recent.push(piece);
    this.#recentLength += piece.length;
    if (this.#recent.length <= RECENT) return;
    const old = this.#recent.splice(0, RECENT / 2).join('');
    this.#older += old;
    this.#recentLength -= old.length;
  }

  /** Lets go of the first `count` code units. */
  drop(count: number): void {
    if (count > this.#older.length) {
      this.#older = this.since(this.#start + count);
      this.#recent = [];
      this.#recentLength = 0;
    } else this.#older = this.#older.slice(count);
    this.#start += count;
  }

  /** What is held from an offset on, which is at or behind the start. */
  since(offset: number): string {
    let missing = this.end - offset;
    if (missing > this.#recentLength) {
      return this.#older.slice(Math.max(0, offset - this.#start)) + this.#recent.join('');
    }
    let first = this.#recent.length;
    while (missing > 0) {
      first -= 1;
      missing -= this.#recent[first]?.length ?? missing;
    }
    // The piece in which the offset lies may begin before it.
    return this.#recent.slice(first).join('').slice(-missing);
  }
}
