import type { YonderEvent } from '../../protocol/events/events.ts';

/** Kinds of input that wait for a place in a run. */
export function isQueued(source: string | undefined): boolean {
  return source === 'steer' || source === 'follow_up';
}

/** What was typed while a run worked, from its acceptance to the event that took it or gave it back. */
export class Steers {
  readonly #waiting = new Map<string, string>();
  /** Inputs whose event came before their answer. */
  readonly #early = new Map<string, 'taken' | 'returned'>();
  #returned: string[] = [];

  sent(input_id: string, text: string): void {
    const became = this.#early.get(input_id);
    if (became === undefined) this.#waiting.set(input_id, text);
    if (became === 'returned') this.#returned.push(text);
    this.#early.delete(input_id);
  }

  take(event: YonderEvent): void {
    if (event.type === 'user_message' && isQueued(event.source) && event.input_id !== undefined) {
      if (!this.#waiting.delete(event.input_id)) this.#early.set(event.input_id, 'taken');
    }
    if (event.type !== 'stream_stopped') return;
    for (const { input_id, content } of event.undelivered ?? []) {
      // What another process sent goes back to that one alone.
      if (this.#waiting.delete(input_id)) this.#returned.push(content);
      else this.#early.set(input_id, 'returned');
    }
  }

  /** The log has not said yet what became of some: they may have begun a run of their own. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Those that no run took, e.g. because it was interrupted; each is given back once. */
  takeReturned(): string[] {
    const returned = this.#returned;
    this.#returned = [];
    return returned;
  }

  clear(): void {
    this.#waiting.clear();
    this.#early.clear();
  }
}
