import { parseEvent, type EventOf, type YonderEvent } from '../../protocol/events/events.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { StoredEvent } from '../../protocol/store.ts';

/** The end of a turn of the root conversation: a place where a log may be cut (R37). */
export interface TurnEnd {
  /** From 1, as `/cost` counts them. */
  turn: number;
  /** The last event that belongs to it. */
  seq: number;
  /** The message that ends it: the model's answer, or the last result of its calls. */
  message_id: string;
}

/** What may follow the last message of a turn and is still of it. */
const TAIL: ReadonlySet<string> = new Set(['token_usage', 'stream_stopped']);

/** Finds the ends of turns while it is shown a log, event by event. */
export class TurnEnds {
  readonly #root_id: string;
  #ends: TurnEnd[] = [];
  /** Every message of the root conversation, by the number of its event. */
  readonly #messages = new Map<string, number>();
  /** The model's message that began each turn. */
  readonly #begun: string[] = [];
  #open = new Set<string>();
  #tail = false;

  constructor(root_id: string) {
    this.#root_id = root_id;
  }

  get ends(): readonly TurnEnd[] {
    return this.#ends;
  }

  add(stored: StoredEvent): void {
    const event = parseEvent(stored.json) as YonderEvent;
    if (!('session_id' in event) || event.session_id !== this.#root_id) {
      this.#tail = false;
      return;
    }
    if (this.#tail && TAIL.has(event.type)) {
      const last = this.#ends.at(-1);
      if (last !== undefined) last.seq = stored.seq;
      return;
    }
    this.#tail = false;
    if (event.type === 'user_message')
      this.#messages.set(event.message_id ?? `seq_${stored.seq}`, stored.seq);
    if (event.type === 'message_added') this.#answered(event, stored.seq);
    if (event.type === 'tool_call_response') this.#result(event, stored.seq);
    if (event.type === 'history_changed') this.#forget(event.removed);
  }

  #answered({ message }: EventOf<'message_added'>, seq: number): void {
    if (message?.role !== 'assistant') return;
    this.#messages.set(message.message_id, seq);
    this.#begun.push(message.message_id);
    this.#open = new Set((message.tool_calls ?? []).map(({ id }) => id));
    if (this.#open.size === 0) this.#end(message.message_id, seq);
  }

  #result({ tool_call_id }: EventOf<'tool_call_response'>, seq: number): void {
    const message_id = `result_${tool_call_id}`;
    this.#messages.set(message_id, seq);
    if (this.#open.delete(tool_call_id) && this.#open.size === 0) this.#end(message_id, seq);
  }

  #end(message_id: string, seq: number): void {
    this.#ends.push({ turn: this.#begun.length, seq, message_id });
    this.#tail = true;
  }

  /** A turn that was undone is no place to go on from. */
  #forget(removed: readonly string[]): void {
    const gone = new Set(removed);
    this.#ends = this.#ends.filter(({ turn }) => !gone.has(this.#begun[turn - 1] ?? ''));
  }

  /**
   * The end that `at` names: the last message of a turn, or a turn's number; undefined is the last one. `not_found` for what is not
   * there, `invalid_request` naming the nearest ends for the middle of a turn.
   */
  named(at: string | undefined): TurnEnd {
    const last = this.#ends.at(-1);
    if (last === undefined) {
      throw new YonderError(
        'invalid_request',
        `session ${this.#root_id} has no turn that has ended, so there is nothing to fork from; send it a message first`,
      );
    }
    if (at === undefined) return last;
    const found = this.#ends.find((end) => end.message_id === at || String(end.turn) === at);
    if (found !== undefined) return found;
    const seq = this.#messages.get(at) ?? this.#seqOfTurn(at);
    if (seq !== undefined) throw this.#inTheMiddle(at, seq);
    throw new YonderError(
      'not_found',
      `at: session ${this.#root_id} has no message and no turn ${at}; its turns are ${this.#turns()}`,
    );
  }

  /** A turn that has begun and not ended. */
  #seqOfTurn(at: string): number | undefined {
    const begun = /^[1-9]\d{0,8}$/.test(at) ? this.#begun[Number(at) - 1] : undefined;
    return begun === undefined ? undefined : this.#messages.get(begun);
  }

  #turns(): string {
    const first = this.#ends[0]?.turn ?? 1;
    const last = this.#ends.at(-1)?.turn ?? first;
    return first === last ? String(first) : `${first} to ${last}`;
  }

  #inTheMiddle(at: string, seq: number): YonderError {
    const before = this.#ends.findLast((end) => end.seq < seq);
    const after = this.#ends.find((end) => end.seq > seq);
    const nearest = [before, after].filter((end) => end !== undefined);
    const words = nearest.map(({ turn, message_id }) => `turn ${turn} (${message_id})`).join(' and ');
    return new YonderError(
      'invalid_request',
      `at: ${at} is in the middle of a turn, and a fork begins at the end of one; the nearest ends are ${words}`,
      { details: { ends: nearest } },
    );
  }
}
