import type { WireEvent } from '../../protocol/events/events.ts';
import type { StoredEvent } from '../../protocol/store.ts';
import { lacking, type OpenText } from './previews.ts';

/** Durable events that wait for a slow reader; past it, the reader goes back to the stored log. */
const QUEUE_LIMIT = 1_000;

/** What a reader pulls next. */
export type Pulled = WireEvent | 'behind' | undefined;

/** One reader of a live log. It is told what happens and pulls when it can (R27, R36). */
export class LogReader {
  /** `seq` of the last durable event that it was given. */
  cursor: number;
  #queue: WireEvent[] = [];
  #next = 0;
  #behind = false;
  readonly #dirty = new Map<string, OpenText>();
  readonly #sent = new Map<string, number>();
  #wake: (() => void) | undefined;

  constructor(cursor: number) {
    this.cursor = cursor;
  }

  /** A durable event was committed; `closes` are the texts that it replaces. */
  durable(event: StoredEvent, closes: readonly OpenText[]): void {
    for (const text of closes) {
      this.#dirty.delete(text.key);
      const rest = lacking(text, this.#sent.get(text.key) ?? 0);
      this.#sent.delete(text.key);
      if (rest !== undefined && !this.#behind) this.#queue.push(rest.event);
    }
    if (this.#behind || event.seq <= this.cursor) return;
    this.#queue.push(event);
    if (this.#queue.length - this.#next > QUEUE_LIMIT) {
      this.#queue = [];
      this.#next = 0;
      this.#behind = true;
    }
    this.wake();
  }

  preview(text: OpenText): void {
    this.#dirty.set(text.key, text);
    this.wake();
  }

  /** The next event, `behind` when it must read on from the store, undefined when there is nothing yet. */
  pull(): Pulled {
    while (this.#next < this.#queue.length) {
      const event = this.#queue[this.#next] as WireEvent;
      this.#next += 1;
      if (this.#next === this.#queue.length) {
        this.#queue = [];
        this.#next = 0;
      }
      if (event.seq === undefined) return event;
      if (event.seq <= this.cursor) continue;
      this.cursor = event.seq;
      return event;
    }
    if (this.#behind) {
      this.#behind = false;
      return 'behind';
    }
    for (const [key, text] of this.#dirty) {
      this.#dirty.delete(key);
      const rest = lacking(text, this.#sent.get(key) ?? 0);
      if (rest === undefined) continue;
      this.#sent.set(key, rest.sent);
      return rest.event;
    }
    return undefined;
  }

  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Resolves at the next `wake`, or when the signal aborts. */
  async changed(signal: AbortSignal | undefined, timeoutMs?: number): Promise<void> {
    if (signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
    const aborted = (): void => resolve();
    signal?.addEventListener('abort', aborted, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    }
  }
}
