import { playedId } from '../cassette/replay.ts';
import { responseOf } from '../http/plain-response.ts';
import { mendedStream } from './mend-stream.ts';

/** What a call may learn from its own HTTP traffic. */
export interface CallTraffic {
  /** Called for the answer's head and for every piece of its body. */
  heard: () => void;
  /** To add to the request's. */
  headers: Record<string, string>;
  /** Whether its event stream must be mended for the provider package. */
  mend: boolean;
  /** Fields to add to the JSON body; a mapping joins the one that is there. */
  fields: Record<string, unknown>;
  /** Filled when an answer comes. */
  contentType?: string;
  /** Whether its status was a good one. */
  ok?: boolean;
  /** The interaction that was played, where a cassette plays. */
  cassetteId?: number;
}

function withFields(
  body: BodyInit | null | undefined,
  fields: Record<string, unknown>,
): BodyInit | null | undefined {
  if (typeof body !== 'string' || Object.keys(fields).length === 0) return body;
  const joined = JSON.parse(body) as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    const before = joined[name];
    joined[name] = isMapping(before) && isMapping(value) ? { ...before, ...value } : value;
  }
  return JSON.stringify(joined);
}

function headersOf(init: RequestInit | undefined, traffic: CallTraffic): { headers?: HeadersInit } {
  if (Object.keys(traffic.headers).length === 0) return {};
  return { headers: { ...Object.fromEntries(new Headers(init?.headers)), ...traffic.headers } };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listened(body: ReadableStream<Uint8Array>, heard: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        heard();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** A `fetch` for one attempt: adds the team's own body fields and tells of every byte. */
export function callFetch(inner: typeof fetch, traffic: CallTraffic): typeof fetch {
  return async (input, init) => {
    const body = withFields(init?.body, traffic.fields);
    const response = await inner(input, {
      ...init,
      ...(body === undefined ? {} : { body }),
      ...headersOf(init, traffic),
    });
    traffic.heard();
    traffic.ok = response.ok;
    const cassetteId = playedId(response);
    if (cassetteId !== undefined) traffic.cassetteId = cassetteId;
    traffic.contentType = response.headers.get('content-type') ?? '';
    if (response.body === null) return response;
    const answer = listened(response.body, traffic.heard);
    return responseOf(traffic.mend ? mendedStream(answer) : answer, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  };
}
