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
  const first = await iterator.next();
  let next: Promise<IteratorResult<WireEvent>> | undefined = Promise.resolve(first);
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
      let text = '';
      try {
        while (text.length < CHUNK_LIMIT) {
          next ??= iterator.next();
          const result = text === '' ? await next : await soon(next);
          if (result === undefined) break;
          next = undefined;
          if (result.done === true) {
            clearInterval(timer);
            if (text !== '') controller.enqueue(encoder.encode(text));
            controller.close();
            return;
          }
          text += encodeSse(result.value);
        }
      } catch (thrown) {
        const error = toYonderError(thrown);
        const closing = { type: 'stream_closing', reason: error.code, message: error.message };
        text += encodeSse({ seq: undefined, type: 'stream_closing', json: JSON.stringify(closing) });
        clearInterval(timer);
        controller.enqueue(encoder.encode(text));
        controller.close();
        return;
      }
      controller.enqueue(encoder.encode(text));
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

const NOT_YET = Symbol('not yet');

/** The result when it is there within this turn of the event loop, else undefined. */
async function soon(
  next: Promise<IteratorResult<WireEvent>>,
): Promise<IteratorResult<WireEvent> | undefined> {
  const { promise, resolve } = Promise.withResolvers<typeof NOT_YET>();
  setImmediate(() => resolve(NOT_YET));
  const result = await Promise.race([next, promise]);
  return result === NOT_YET ? undefined : result;
}
