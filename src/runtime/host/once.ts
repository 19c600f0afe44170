import { canonicalJson } from '../../protocol/canonical-json.ts';
import type { RequestContext } from '../../protocol/context.ts';
import { YonderError } from '../../protocol/errors.ts';
import { sha256 } from '../../process/digest.ts';

interface Kept {
  digest: string;
  outcome: Promise<unknown>;
  at: number;
}

/** So long an outcome is given again, in milliseconds. */
const KEPT_MS = 10 * 60_000;

/** R18 for what lives in memory alone and may stand in no store: a repeat under its key gets the first outcome. */
export class Once {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `idempotency_conflict` for another request under the same key. What failed is done again. */
  async do<Outcome>(
    { principal, idempotency_key }: RequestContext,
    operation: string,
    request: unknown,
    act: () => Promise<Outcome>,
  ): Promise<Outcome> {
    if (idempotency_key === undefined) return act();
    for (const [key, { at }] of this.#kept) if (at < this.#now() - KEPT_MS) this.#kept.delete(key);
    const key = JSON.stringify([principal, operation, idempotency_key]);
    const digest = sha256(canonicalJson(request));
    const known = this.#kept.get(key);
    if (known !== undefined) {
      // It was made by the same operation.
      if (known.digest === digest) return known.outcome as Promise<Outcome>;
      throw new YonderError(
        'idempotency_conflict',
        `the key ${idempotency_key} was used for another ${operation}; take a new key`,
      );
    }
    const outcome = act();
    this.#kept.set(key, { digest, outcome, at: this.#now() });
    try {
      return await outcome;
    } catch (thrown) {
      this.#kept.delete(key);
      throw thrown;
    }
  }
}
