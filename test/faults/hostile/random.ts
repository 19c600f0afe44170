import { randomOf } from '../../../src/testing/contract/arms.ts';

/** The same choices for the same seed, so that a failure can be seen again. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomOf(seed);
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.#next() * end);
  }

  chance(of: number): boolean {
    return this.#next() < of;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return item as Item;
  }
}
