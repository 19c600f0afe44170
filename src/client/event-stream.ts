import { createParser } from 'eventsource-parser';
import { YonderError, toYonderError } from '../protocol/errors.ts';
import { parseEvent, type EventBody, type WireEvent } from '../protocol/events/events.ts';
import { unlessAborted } from './abort.ts';
import { ConnectionLostError } from './lost.ts';
import { delayOf, pause, withStall, type StreamTimes } from './times.ts';
import { PreviewTrimmer } from './trim.ts';

export interface StreamSource {
  /** Opens the stream behind this cursor; throws our errors. `undefined`: from where the operation begins. The first time it is as patient as it likes. */
  open(after: number | undefined, signal: AbortSignal): Promise<Response>;
  /** A cursor that is known before the first event. */
  after: number | undefined;
  /** The stream is over with this run's `stream_stopped`. */
  run_id: string | undefined;
  /** False: over with `log_caught_up`. */
  follow: boolean;
  signal: AbortSignal | undefined;
  times: StreamTimes;
}

/** A server may ask for no longer wait than this. */
const LONGEST_WAIT = 30_000;

/**
 * The events of a stream that comes back after a drop at its cursor. The cursor moves when the reader asks for the next event, that is
 * after it dealt with the last (R36); numbers are checked to be dense (R2). A stream that never opened is an error at once. One that opens again and
 * brings nothing is no way back: waits grow and time runs on until something came.
 */
export async function* resumingStream(source: StreamSource): AsyncGenerator<WireEvent, void, void> {
  let cursor = source.after;
  let lost: { at: number; attempt: number } | undefined;
  let opened = false;
  let asked: number | undefined;
  let isAway = false;
  const trimmer = new PreviewTrimmer();
  const isAborted = (): boolean => source.signal?.aborted === true;
  while (!isAborted()) {
    const aborter = new AbortController();
    const signal =
      source.signal === undefined ? aborter.signal : AbortSignal.any([source.signal, aborter.signal]);
    try {
      const opening = unlessAborted(source.open(cursor, signal), signal);
      const response = opened ? await withStall(opening, source.times.stall) : await opening;
      if (lost !== undefined) yield connectionEvent('connection_restored', { attempt: lost.attempt });
      opened = true;
      isAway = false;
      for await (const read of eventsOf(response, source.times.stall, signal, (wait) => (asked = wait))) {
        if (read === 'heartbeat') {
          lost = undefined;
          continue;
        }
        const { event, body } = read;
        if (cursor !== undefined && event.seq !== undefined) {
          if (event.seq <= cursor) continue;
          if (event.seq !== cursor + 1) throw missing(cursor + 1, event.seq - 1);
        }
        lost = undefined;
        if (event.seq === undefined) {
          const fresh = trimmer.trim(event, body);
          if (fresh !== undefined) yield fresh;
          if (event.type === 'stream_closing' || (event.type === 'log_caught_up' && !source.follow)) return;
          continue;
        }
        yield event;
        cursor = event.seq;
        trimmer.durable(event, body);
        if (isEnd(body, source.run_id)) return;
      }
      throw new ConnectionLostError('the stream ended without its end');
    } catch (thrown) {
      if (isAborted()) return;
      const error = toYonderError(thrown, 'unavailable');
      if (!error.retryable || !opened) throw error;
      lost = { at: lost?.at ?? Date.now(), attempt: (lost?.attempt ?? 0) + 1 };
      if (Date.now() - lost.at > source.times.giveUpAfter) throw error;
      if (!isAway) yield connectionEvent('connection_lost', { reason: error.message, attempt: lost.attempt });
      isAway = true;
      const delay = asked ?? delayOf(lost.attempt, source.times);
      asked = undefined;
      await pause(delay, source.signal);
    } finally {
      aborter.abort();
    }
  }
}

function missing(from: number, to: number): YonderError {
  return new YonderError('unavailable', `events ${from} to ${to} are missing in the stream`);
}

function connectionEvent(type: string, fields: Record<string, unknown>): WireEvent {
  return { seq: undefined, type, json: JSON.stringify({ type, ...fields }) };
}

/** An event as it came, and what was read from it: parsed once. */
interface ReadEvent {
  event: WireEvent;
  body: EventBody;
}

/** The events of one response; a body that stalls or ends is an error of the connection. */
async function* eventsOf(
  response: Response,
  stall: number,
  signal: AbortSignal,
  onRetry: (wait: number) => void,
): AsyncGenerator<ReadEvent | 'heartbeat', void, void> {
  const ready: ReadEvent[] = [];
  const parser = createParser({
    // What the server asks for when it ends a stream that was read too slowly.
    onRetry: (wait) => onRetry(Math.min(wait, LONGEST_WAIT)),
    onEvent: (message) => {
      const seq = message.id === undefined || message.id === '' ? undefined : Number(message.id);
      const body = parseEvent(message.data);
      ready.push({ event: { seq, type: body.type, json: message.data }, body });
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    while (!signal.aborted) {
      const chunk = await withStall(unlessAborted(read(reader), signal), stall);
      if (chunk.done) return;
      parser.feed(decoder.decode(chunk.value, { stream: true }));
      if (ready.length === 0) yield 'heartbeat';
      yield* ready.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** What a runtime says of a broken body (`terminated`, `network error`) is no word for a person. */
async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch (cause) {
    throw new ConnectionLostError('the connection broke off', { cause });
  }
}

function isEnd(body: EventBody, run_id: string | undefined): boolean {
  return run_id !== undefined && body.type === 'stream_stopped' && body['run_id'] === run_id;
}
