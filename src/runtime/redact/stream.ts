import type { RedactionStream } from '../../protocol/secrets.ts';
import type { Sieve } from './sieve.ts';
import { findAll, merged, openTail, type Found, type Pattern } from './find.ts';

/** The values that are taken out, and a first look for them. */
export interface Known {
  patterns: readonly Pattern[];
  sieve: Pick<Sieve, 'mayHold' | 'mayOpen'>;
}

/**
 * Takes values out of a text that comes in pieces: what it gives, put together, is what the whole text would give. It holds back no more
 * than the beginning of one value.
 */
export class PieceRedaction implements RedactionStream {
  readonly #known: () => Known;
  #pending = '';
  /** How much of `#pending` belongs to a part whose replacement was given already. */
  #covered = 0;

  /** @param known asked at each piece: a value may become known while a text is under way */
  constructor(known: () => Known) {
    this.#known = known;
  }

  push(piece: string): string {
    const { patterns, sieve } = this.#known();
    if (this.#pending === '' && !sieve.mayHold(piece) && !sieve.mayOpen(piece)) return piece;
    return this.#give(this.#pending + piece, patterns, false);
  }

  end(): string {
    const rest = this.#pending;
    return rest === '' ? '' : this.#give(rest, this.#known().patterns, true);
  }

  #give(text: string, patterns: readonly Pattern[], isLast: boolean): string {
    const border = isLast ? text.length : text.length - openTail(text, patterns);
    const found = findAll(text, patterns);
    if (found === undefined && this.#covered === 0) {
      this.#pending = text.slice(border);
      return text.slice(0, border);
    }
    return this.#cut(text, this.#withCovered(found ?? []), border);
  }

  /** What began before this text goes on as one part with what overlaps it, and is not named again. */
  #withCovered(found: readonly Found[]): readonly Found[] {
    if (this.#covered === 0) return found;
    const [first, ...others] = merged([{ start: 0, end: this.#covered, replacement: '' }, ...found]);
    return first === undefined ? [] : [{ ...first, replacement: '' }, ...others];
  }

  #cut(text: string, found: readonly Found[], border: number): string {
    const isCarried = this.#covered > 0;
    let result = '';
    let from = 0;
    let covered = 0;
    for (const [index, { start, end, replacement }] of found.entries()) {
      if (start >= border && !(isCarried && index === 0)) break;
      result += text.slice(from, start) + replacement;
      from = Math.min(end, border);
      covered = Math.max(0, end - border);
    }
    this.#covered = covered;
    this.#pending = text.slice(border);
    return result + text.slice(from, border);
  }
}
