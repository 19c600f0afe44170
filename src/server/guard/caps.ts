import { YonderError } from '../../protocol/errors.ts';

/** How much may go on at once on one server. */
export interface ServerCaps {
  /** Event streams that are open. */
  streams: number;
  /** Uploads that are on their way; each is held in memory until it is stored. */
  uploads: number;
}

export const SERVER_CAPS: ServerCaps = { streams: 2_000, uploads: 8 };

/** When a client may try again, in seconds. */
const RETRY_AFTER_S = 5;

/** Counts what goes on; whoever comes above the cap gets `rate_limited` with the time to come again. */
export class Caps {
  readonly #caps: ServerCaps;
  readonly #open: Record<keyof ServerCaps, number> = { streams: 0, uploads: 0 };

  constructor(caps: Partial<ServerCaps> = {}) {
    this.#caps = { ...SERVER_CAPS, ...caps };
  }

  /** Throws where there is no room for one more. */
  check(kind: keyof ServerCaps): void {
    if (this.#open[kind] < this.#caps[kind]) return;
    throw new YonderError(
      'rate_limited',
      `${this.#caps[kind]} ${kind} are open here, as many as may be; try again when one has ended`,
      { details: { retry_after_s: RETRY_AFTER_S } },
    );
  }

  /** Takes a place; the returned function gives it back, any number of times. */
  enter(kind: keyof ServerCaps): () => void {
    this.check(kind);
    this.#open[kind] += 1;
    let isIn = true;
    return () => {
      if (isIn) this.#open[kind] -= 1;
      isIn = false;
    };
  }

  open(kind: keyof ServerCaps): number {
    return this.#open[kind];
  }
}
