import { setTimeout as delay } from 'node:timers/promises';
import { YonderError } from '../../protocol/errors.ts';
import { addressOf, PlainHeaders, responseOf } from '../http/plain-response.ts';
import { firstDifference } from './difference.ts';
import { bytesOf, textOf, type CassettePort, type Interaction } from './interaction.ts';
import { normalizedBody } from './normalize.ts';
import { redactedRequestBody, redactedUrl } from './redact.ts';

type ReplayPort = Extract<CassettePort, { mode: 'replay' }>;

interface LiveRequest {
  number: number;
  method: string;
  url: URL;
  body: string;
}

function address(url: URL): string {
  return `${url.host}${url.pathname}${url.search}`;
}

function noMatch(request: LiveRequest, why: string): YonderError {
  return new YonderError(
    'model_error',
    `request ${request.number} has no match among the recorded ones: ${why}`,
    {
      details: { request: request.number },
    },
  );
}

/** Which interactions are left, and which of them a request gets. Each is given once. */
class Tape {
  readonly #port: ReplayPort;
  readonly #left: Interaction[];
  readonly #bodies = new Map<Interaction, { value: unknown; key: string }>();

  constructor(port: ReplayPort) {
    this.#port = port;
    const used = new Set(port.used);
    this.#left = port.interactions
      .filter(({ id }) => !used.has(id))
      .toSorted((left, right) => left.id - right.id);
  }

  take(request: LiveRequest): Interaction {
    const found = this.#port.match === 'order' ? this.#nextOfHost(request) : this.#withSameBody(request);
    this.#left.splice(this.#left.indexOf(found), 1);
    this.#bodies.delete(found);
    return found;
  }

  #nextOfHost(request: LiveRequest): Interaction {
    const next = this.#left.find((one) => new URL(one.request.url).host === request.url.host);
    if (next === undefined) throw noMatch(request, this.#nothingLeft(request));
    return next;
  }

  #withSameBody(request: LiveRequest): Interaction {
    const same = this.#left.filter(
      (one) =>
        one.request.method === request.method && address(new URL(one.request.url)) === address(request.url),
    );
    const [nearest] = same;
    if (nearest === undefined) throw noMatch(request, this.#nothingLeft(request));
    const now = normalizedBody(redactedRequestBody(request.body), this.#port.placeholders ?? []);
    const key = JSON.stringify(now);
    const found = same.find((one) => this.#bodyOf(one).key === key);
    if (found !== undefined) return found;
    const difference = firstDifference(this.#bodyOf(nearest).value, now) ?? 'the bodies differ';
    throw noMatch(request, difference);
  }

  #bodyOf(one: Interaction): { value: unknown; key: string } {
    const known = this.#bodies.get(one);
    if (known !== undefined) return known;
    const value = normalizedBody(textOf(one.request.body), this.#port.placeholders ?? []);
    const made = { value, key: JSON.stringify(value) };
    this.#bodies.set(one, made);
    return made;
  }

  #nothingLeft(request: LiveRequest): string {
    const asked = `${request.method} ${address(request.url)}`;
    if (this.#left.length === 0) return `all of them were played, and now comes ${asked}`;
    const others = [
      ...new Set(this.#left.map((one) => `${one.request.method} ${address(new URL(one.request.url))}`)),
    ];
    return `it is ${asked}, and those left are ${others.slice(0, 3).join(', ')}`;
  }
}

const HEADER_OF_FRAMING = new Set(['content-length', 'content-encoding', 'transfer-encoding', 'connection']);

/** The pieces of an event stream, each with its ending, so that joined they are the body again. */
export function streamPieces(bytes: Uint8Array): Uint8Array[] {
  const text = Buffer.from(bytes).toString('latin1');
  const pieces = text.split(/(?<=\r\n\r\n|\n\n)/);
  return pieces.map((piece) => new Uint8Array(Buffer.from(piece, 'latin1')));
}

function played(
  bytes: Uint8Array,
  streamMs: number | undefined,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  const pieces = streamMs === undefined ? [bytes] : streamPieces(bytes);
  let index = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = pieces[index++];
        if (piece === undefined || piece.length === 0) {
          controller.close();
          return;
        }
        if (streamMs !== undefined && streamMs > 0)
          await delay(streamMs, undefined, signal === undefined ? {} : { signal });
        signal?.throwIfAborted();
        controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
}

const playedIds = new WeakMap<Response, number>();

/** Which interaction an answer came from; undefined for one from the network. */
export function playedId(response: Response): number | undefined {
  return playedIds.get(response);
}

/** A `fetch` that answers from recorded interactions and never opens a socket. Throws `model_error` for a request without a match. */
export function replayingFetch(port: ReplayPort): typeof fetch {
  const tape = new Tape(port);
  let number = 0;
  return async (input, init) => {
    init?.signal?.throwIfAborted();
    const found = tape.take({
      number: ++number,
      method: (init?.method ?? 'GET').toUpperCase(),
      url: redactedUrl(addressOf(input)),
      body: typeof init?.body === 'string' ? init.body : '',
    });
    const headers = new PlainHeaders();
    for (const [name, values] of Object.entries(found.response.headers)) {
      if (HEADER_OF_FRAMING.has(name.toLowerCase())) continue;
      for (const value of values) headers.append(name, value);
    }
    const isStream = headers.get('content-type')?.includes('event-stream') === true;
    const body = played(
      bytesOf(found.response.body),
      isStream ? port.stream_ms : undefined,
      init?.signal ?? undefined,
    );
    const response = responseOf(found.response.code === 204 ? null : body, {
      status: found.response.code,
      headers,
    });
    playedIds.set(response, found.id);
    return response;
  };
}
