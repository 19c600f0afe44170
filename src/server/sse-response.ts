import { toYonderError } from '../protocol/errors.ts';
import type { WireEvent } from '../protocol/events/events.ts';
import { encodeSse, HEARTBEAT } from '../protocol/sse.ts';

/** Characters that are put into one chunk at most before the reader is waited for. */
const CHUNK_LIMIT = 64 * 1024;

/**
 * Answers with an event stream. The first event is awaited, so that an error before it is a status and not a stream. Events that
 * are there at once travel as one chunk; a slow reader holds the stream back and lacks nothing (R27).
 */
export async function sseResponse(
  events: AsyncIterable<WireEvent>,
  options: { heartbeat_ms: number; headers?: Record<string, string>; stop: () => void },
): Promise<Response> {
  const iterator = events[Symbol.asyncIterator]();
  const source = new Gatherer(iterator, await iterator.next());
  let timer: NodeJS.Timeout | undefined;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      // A reader that does not take what is there needs no sign of life, and heartbeats may not pile up for it.
      timer = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(HEARTBEAT));
      }, options.heartbeat_ms);
    },
    async pull(controller) {
      const { text, isOver } = await source.chunk();
      if (isOver) clearInterval(timer);
      if (text !== '') controller.enqueue(encoder.encode(text));
      if (isOver) controller.close();
    },
    async cancel() {
      clearInterval(timer);
      options.stop();
      await iterator.return?.();
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      ...options.headers,
    },
  });
}

interface Chunk {
  text: string;
  isOver: boolean;
}

/**
 * Joins what is there into one text. After a first event it lets one turn of the event loop go by before it asks for more: what a model says in that
 * turn then comes as one preview and not as fifty (R27). Timers are for a text, not for an event: a stream of deltas is many.
 */
class Gatherer {
  readonly #iterator: AsyncIterator<WireEvent>;
  #next: Promise<IteratorResult<WireEvent>> | undefined;

  constructor(iterator: AsyncIterator<WireEvent>, first: IteratorResult<WireEvent>) {
    this.#iterator = iterator;
    this.#next = Promise.resolve(first);
  }

  /** Waits for an event, and takes those that are there a turn later. What breaks the source ends the text with the reason. */
  chunk(): Promise<Chunk> {
    const { promise, resolve } = Promise.withResolvers<Chunk>();
    let text = '';
    let isSent = false;
    const send = (isOver: boolean): void => {
      if (isSent) return;
      isSent = true;
      resolve({ text, isOver });
    };
    const step = (): void => {
      this.#next ??= this.#iterator.next();
      this.#next.then(
        (result) => {
          if (isSent) return; // the next chunk begins with it
          this.#next = undefined;
          if (result.done === true) return send(true);
          const isFirst = text === '';
          text += encodeSse(result.value);
          if (isFirst) setImmediate(takeRest);
          else if (text.length < CHUNK_LIMIT) step();
          else send(false);
        },
        (thrown: unknown) => {
          if (isSent) return;
          text += closing(thrown);
          send(true);
        },
      );
    };
    const takeRest = (): void => {
      step();
      setImmediate(send, false);
    };
    step();
    return promise;
  }
}

function closing(thrown: unknown): string {
  const error = toYonderError(thrown);
  const event = { type: 'stream_closing', reason: error.code, message: error.message };
  return encodeSse({ seq: undefined, type: event.type, json: JSON.stringify(event) });
}
