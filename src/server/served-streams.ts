import type { Transport } from '../protocol/backend.ts';
import type { WireEvent } from '../protocol/events/events.ts';
import type { ClosingReason } from '../protocol/events/live.ts';
import type { Caps } from './guard/caps.ts';

/** Streams of a server that ends: they are counted, and say `stream_closing` when the server closes, whatever their run does. */
export function servedStreams(transport: Transport, caps: Caps, closing: AbortSignal): Transport {
  /** A stop of its own for each stream, which the client's going away sets off too. */
  const begin = (outer: AbortSignal | undefined): { stop: AbortController; signal: AbortSignal } => {
    const stop = new AbortController();
    return { stop, signal: outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]) };
  };
  const iterator = (events: AsyncIterable<WireEvent>, stop: AbortController): AsyncIterator<WireEvent> =>
    new ServedStream(events[Symbol.asyncIterator](), stop, caps.enter('streams'), closing);
  return {
    ...transport,
    follow(name, context, query) {
      caps.check('streams');
      const { stop, signal } = begin(context.signal);
      const events = transport.follow(name, { ...context, signal }, query);
      return { [Symbol.asyncIterator]: () => iterator(events, stop) };
    },
    async run(context, body) {
      caps.check('streams');
      const { stop, signal } = begin(context.signal);
      const run = await transport.run({ ...context, signal }, body);
      const { run_id, input_id } = run;
      return { run_id, input_id, [Symbol.asyncIterator]: () => iterator(run, stop) };
    },
  };
}

const END: IteratorResult<WireEvent> = { done: true, value: undefined };

class ServedStream implements AsyncIterator<WireEvent> {
  readonly #inner: AsyncIterator<WireEvent>;
  readonly #stop: AbortController;
  readonly #leave: () => void;
  readonly #closing: AbortSignal;
  /** Whoever waits for the next event. */
  #waiting: ((result: IteratorResult<WireEvent>) => void) | undefined;
  #isOver = false;
  #owesGoodbye = false;

  constructor(
    inner: AsyncIterator<WireEvent>,
    stop: AbortController,
    leave: () => void,
    closing: AbortSignal,
  ) {
    this.#inner = inner;
    this.#stop = stop;
    this.#leave = leave;
    this.#closing = closing;
    if (closing.aborted) this.#close();
    else closing.addEventListener('abort', this.#close);
  }

  async next(): Promise<IteratorResult<WireEvent>> {
    if (this.#owesGoodbye) {
      this.#owesGoodbye = false;
      return { done: false, value: goodbye() };
    }
    if (this.#isOver) return END;
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<WireEvent>>();
    this.#waiting = resolve;
    this.#inner.next().then(
      (result) => {
        this.#waiting = undefined;
        if (result.done === true) this.#end();
        resolve(result);
        // Whoever said why it ends does not end twice.
        if (result.value?.type === 'stream_closing') void this.return();
      },
      (thrown: unknown) => {
        this.#waiting = undefined;
        this.#end();
        reject(thrown);
      },
    );
    return promise;
  }

  async return(): Promise<IteratorResult<WireEvent>> {
    this.#end();
    this.#stop.abort();
    await this.#inner.return?.();
    return END;
  }

  readonly #close = (): void => {
    if (this.#isOver) return;
    if (this.#waiting === undefined) this.#owesGoodbye = true;
    this.#waiting?.({ done: false, value: goodbye() });
    void this.return();
  };

  #end(): void {
    this.#isOver = true;
    this.#waiting = undefined;
    this.#closing.removeEventListener('abort', this.#close);
    this.#leave();
  }
}

function goodbye(): WireEvent {
  const reason: ClosingReason = 'host_closing';
  const event = { type: 'stream_closing', reason, message: 'the server is ending' };
  return { seq: undefined, type: event.type, json: JSON.stringify(event) };
}
