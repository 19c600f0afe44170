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
import type { WireEvent } from '../protocol/events/events.ts';
import { INPUT_ID_HEADER, RUN_ID_HEADER } from '../protocol/sse.ts';
import { errorOf } from './errors.ts';
import { resumingStream, STREAM_TIMES, type StreamTimes } from './event-stream.ts';

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
  let agreed: Promise<void> | undefined;

  async function request(
    name: OperationName,
    context: RequestContext,
    init: RequestInit,
    query: Query = {},
  ): Promise<Response> {
    agreed ??= agree();
    agreed.catch(() => {
      agreed = undefined;
    });
    await agreed;
    return exchange(name, context, init, query);
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
      throw new YonderError('unavailable', `${url.origin} cannot be reached`, { cause: thrown });
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  /** R29: versions are agreed on before the first request. */
  async function agree(): Promise<void> {
    const response = await exchange('capabilities', { principal: '', scopes: [] }, {}, {});
    const { protocol } = CONTRACT.capabilities.response.parse(await response.json());
    if (protocol.split('.')[0] === PROTOCOL_VERSION.split('.')[0]) return;
    throw new YonderError(
      'protocol_mismatch',
      `the server speaks protocol ${protocol}, this client ${PROTOCOL_VERSION}; use the same major version`,
    );
  }

  function stream(name: OperationName, context: RequestContext, query: Query): AsyncGenerator<WireEvent> {
    return resumingStream({
      open: (after, signal) =>
        request(
          name,
          context,
          { signal, headers: { accept: 'text/event-stream' } },
          { ...query, after: after ?? query['after'] },
        ),
      after: typeof query['after'] === 'number' ? query['after'] : name === 'session/events' ? 0 : undefined,
      run_id: typeof query['run_id'] === 'string' ? query['run_id'] : undefined,
      follow: query['follow'] !== false,
      signal: context.signal,
      times,
    });
  }

  async function run(context: RequestContext, body: RequestOf<'session/run'>): Promise<RunStream> {
    // One key for all tries of this call, so that a lost answer does not run the message twice (R18).
    const keyed = { ...context, idempotency_key: context.idempotency_key ?? crypto.randomUUID() };
    const begin = (signal: AbortSignal | null): Promise<Response> =>
      request('session/run', keyed, {
        ...jsonInit(body),
        headers: { ...JSON_TYPE, accept: 'text/event-stream' },
        signal,
      });
    let first: Response | undefined = await begin(context.signal ?? null);
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
    return { run_id, input_id, [Symbol.asyncIterator]: () => events };
  }

  return {
    async call(name, context, body) {
      const get = CONTRACT[name].http === 'GET';
      const response = await request(name, context, get ? {} : jsonInit(body), get ? (body as Query) : {});
      return deepFreeze(CONTRACT[name].response.parse(await response.json()));
    },
    follow: (name, context, query) => stream(name, context, query as Query),
    run,
    async bytes(name, context, query): Promise<BytesAnswer> {
      const response = await request(name, context, {}, query as Query);
      const file = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1];
      return {
        media_type: response.headers.get('content-type') ?? 'application/octet-stream',
        name: file === undefined ? undefined : decodeURIComponent(file),
        bytes: new Uint8Array(await response.arrayBuffer()),
      };
    },
    async upload(context, { name, media_type }, bytes) {
      const init = { body: bytes.slice(), headers: { 'content-type': media_type } };
      const response = await request('upload/create', context, init, { name });
      return deepFreeze(CONTRACT['upload/create'].response.parse(await response.json()));
    },
    close: async () => {},
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };

function jsonInit(body: unknown): RequestInit {
  return { body: JSON.stringify(body), headers: JSON_TYPE };
}

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
