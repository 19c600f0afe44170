import type { BytesAnswer, RunStream, Transport } from '../protocol/backend.ts';
import {
  CONTRACT,
  PROTOCOL_VERSION,
  routeOf,
  type OperationName,
  type RequestOf,
} from '../protocol/contract/contract.ts';
import type { RequestContext } from '../protocol/context.ts';
import { YonderError } from '../protocol/errors.ts';
import { encodeRequest, fitToVersion } from '../protocol/contract/codec.ts';
import type { WireEvent } from '../protocol/events/events.ts';
import { INPUT_ID_HEADER, RUN_ID_HEADER } from '../protocol/sse.ts';
import { answerOf, bytesOf, errorOf } from './answers.ts';
import { unlessAborted } from './abort.ts';
import { resumingStream } from './event-stream.ts';
import { ConnectionLostError } from './lost.ts';
import { persistently } from './persist.ts';
import { STREAM_TIMES, type StreamTimes } from './times.ts';

export interface HttpTransportOptions {
  /** `http(s)://host:port`; the routes begin behind it. */
  baseUrl: string;
  /** Default: the global one. The cli gives one that speaks to unix sockets. */
  fetch?: typeof fetch;
  token?: string;
  times?: Partial<StreamTimes>;
}

type Query = Record<string, string | number | boolean | undefined>;

/** The operations over HTTP: the same answers, errors and events as in one process (DESIGN.md section 3). */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const send = options.fetch ?? fetch;
  const times = { ...STREAM_TIMES, ...options.times };
  /** The server's protocol version, asked once. */
  let agreed: Promise<string> | undefined;
  let isKnown = false;

  /** One key for all tries of a call, so that a lost answer does not do twice what was asked for (R18). */
  const keyed = (context: RequestContext): RequestContext => ({
    ...context,
    idempotency_key: context.idempotency_key ?? crypto.randomUUID(),
  });

  /** As often as the connection is lost on the way. */
  async function insist<Value>(
    context: RequestContext,
    attempt: (context: RequestContext, signal: AbortSignal) => Promise<Value>,
    patience = times.stall,
  ): Promise<Value> {
    const same = keyed(context);
    const { signal } = context;
    return persistently((each) => attempt({ ...same, signal: each }, each), {
      times,
      signal,
      isKnown: () => isKnown,
      patience,
    });
  }

  async function request(
    name: OperationName,
    context: RequestContext,
    init: RequestInit,
    query: Query = {},
  ): Promise<Response> {
    await version(init.signal ?? context.signal);
    return exchange(name, context, init, query);
  }

  async function version(signal: AbortSignal | null | undefined): Promise<string> {
    agreed ??= agree();
    agreed.catch(() => {
      agreed = undefined;
    });
    return unlessAborted(agreed, signal ?? undefined);
  }

  /** The JSON text of a request, as this server can read it. */
  async function encoded(name: OperationName, context: RequestContext, fields: unknown): Promise<string> {
    const fitting = fitToVersion(name, CONTRACT[name], fields, await version(context.signal));
    return encodeRequest(name, fitting);
  }

  async function queryOf(name: OperationName, context: RequestContext, fields: unknown): Promise<Query> {
    return JSON.parse(await encoded(name, context, fields)) as Query;
  }

  async function exchange(
    name: OperationName,
    context: RequestContext,
    init: RequestInit,
    query: Query,
  ): Promise<Response> {
    const url = new URL(routeOf(name), options.baseUrl);
    for (const [key, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(key, String(value));
    const headers = new Headers(init.headers);
    if (options.token !== undefined) headers.set('authorization', `Bearer ${options.token}`);
    if (CONTRACT[name].changes)
      headers.set('idempotency-key', context.idempotency_key ?? crypto.randomUUID());
    const signal = init.signal ?? context.signal ?? null;
    let response: Response;
    try {
      response = await send(url, { ...init, method: CONTRACT[name].http, headers, signal });
    } catch (thrown) {
      if (signal?.aborted === true) throw thrown;
      throw new ConnectionLostError(`${url.origin} cannot be reached`, { cause: thrown });
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  /** R29: versions are agreed on before the first request. */
  async function agree(): Promise<string> {
    const response = await exchange('capabilities', { principal: '', scopes: [] }, {}, {});
    const { protocol } = await answerOf('capabilities', response);
    isKnown = true;
    if (protocol.split('.')[0] === PROTOCOL_VERSION.split('.')[0]) return protocol;
    throw new YonderError(
      'protocol_mismatch',
      `the server speaks protocol ${protocol}, this client ${PROTOCOL_VERSION}; use the same major version`,
    );
  }

  function stream(name: OperationName, context: RequestContext, query: Query): AsyncGenerator<WireEvent> {
    let isFirst = true;
    return resumingStream({
      open(after, signal) {
        const ask = (given: AbortSignal): Promise<Response> =>
          request(
            name,
            context,
            { signal: given, headers: { accept: 'text/event-stream' } },
            { ...query, after: after ?? query['after'] },
          );
        // Once it was open the stream itself comes back, and says so.
        if (!isFirst) return ask(signal);
        isFirst = false;
        return insist({ ...context, signal }, (_, each) => ask(each));
      },
      after: typeof query['after'] === 'number' ? query['after'] : name === 'session/events' ? 0 : undefined,
      run_id: typeof query['run_id'] === 'string' ? query['run_id'] : undefined,
      follow: query['follow'] !== false,
      signal: context.signal,
      times,
    });
  }

  async function run(context: RequestContext, body: RequestOf<'session/run'>): Promise<RunStream> {
    const same = keyed(context);
    const text = await encoded('session/run', context, body);
    const begin = (signal: AbortSignal): Promise<Response> =>
      request('session/run', same, {
        body: text,
        headers: { ...JSON_TYPE, accept: 'text/event-stream' },
        signal,
      });
    let first: Response | undefined = await insist(same, (_, signal) => begin(signal));
    const run_id = first.headers.get(RUN_ID_HEADER) ?? '';
    const input_id = first.headers.get(INPUT_ID_HEADER) ?? '';
    const events = resumingStream({
      async open(after, signal) {
        const opened = first;
        first = undefined;
        if (opened !== undefined) return opened;
        if (after === undefined) return begin(signal);
        return request('run/follow', context, { signal }, { run_id, after });
      },
      after: undefined,
      run_id,
      follow: true,
      signal: context.signal,
      times,
    });
    return { run_id, input_id, [Symbol.asyncIterator]: () => withoutCaughtUp(events) };
  }

  return {
    async call(name, context, body) {
      const get = CONTRACT[name].http === 'GET';
      const query = get ? await queryOf(name, context, body) : {};
      const init = get ? {} : { body: await encoded(name, context, body), headers: JSON_TYPE };
      return insist(context, async (same) => answerOf(name, await request(name, same, init, query)));
    },
    follow: (name, context, query) => stream(name, context, query as Query),
    run,
    async bytes(name, context, query): Promise<BytesAnswer> {
      const fields = await queryOf(name, context, query);
      const { response, bytes } = await insist(context, async (same) => {
        const answered = await request(name, same, {}, fields);
        return { response: answered, bytes: await bytesOf(answered) };
      });
      const file = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1];
      return {
        media_type: response.headers.get('content-type') ?? 'application/octet-stream',
        name: file === undefined ? undefined : decodeURIComponent(file),
        bytes,
      };
    },
    async upload(context, { name, media_type }, bytes) {
      const init = { body: bytes.slice(), headers: { 'content-type': media_type } };
      const send = async (same: RequestContext): Promise<unknown> =>
        answerOf('upload/create', await request('upload/create', same, init, { name }));
      return insist(context, send, LONGEST_TIMER);
    },
    close: async () => {},
  };
}

/** Milliseconds: how long an upload takes is a matter of its size. */
const LONGEST_TIMER = 2 ** 31 - 1;

const JSON_TYPE = { 'content-type': 'application/json' };

/** A run's own stream has no word about the log, also after it came back by the run's log. */
async function* withoutCaughtUp(events: AsyncIterable<WireEvent>): AsyncGenerator<WireEvent> {
  for await (const event of events) if (event.type !== 'log_caught_up') yield event;
}
