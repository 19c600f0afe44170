import { encodeRequest, fitToVersion } from '../protocol/contract/codec.ts';
import { CONTRACT, PROTOCOL_VERSION, routeOf, type OperationName } from '../protocol/contract/contract.ts';
import type { RequestContext } from '../protocol/context.ts';
import { YonderError } from '../protocol/errors.ts';
import { unlessAborted } from './abort.ts';
import { answerOf, errorOf } from './answers.ts';
import { STREAM_TIMES, type StreamTimes } from './times.ts';
import { connectionError, type ConnectionLostError } from './lost.ts';
import { persistently } from './persist.ts';
import type { UploadProgress } from './upload-body.ts';

export interface HttpTransportOptions {
  /** `http(s)://host:port`; the routes begin behind it. */
  baseUrl: string;
  /** Default: the global one. The cli gives one that speaks to unix sockets. */
  fetch?: typeof fetch;
  token?: string;
  times?: Partial<StreamTimes>;
  /** What messages call the server; default: its origin. */
  shown?: string;
  /** Hears once of each call that has to be tried again. */
  onLost?: (error: ConnectionLostError) => void;
  /** Hears how far each upload is. With it bodies are streams, which no browser sends over HTTP/1.1. */
  onUpload?: (progress: UploadProgress) => void;
}

export type Query = Record<string, string | number | boolean | undefined>;

/** The way to one server: each request with its token and key, versions agreed on before the first (R29). */
export class Connection {
  readonly times: StreamTimes;
  readonly shown: string;
  readonly #options: HttpTransportOptions;
  /** How long an answer may take; heartbeats say nothing about that. */
  readonly #patience: number;
  /** Whether a server has answered before. */
  #isKnown = false;
  /** The server's protocol version, asked once. */
  #agreed: Promise<string> | undefined;

  constructor(options: HttpTransportOptions) {
    this.#options = options;
    this.times = { ...STREAM_TIMES, ...options.times };
    this.#patience = this.times.stall;
    this.shown = options.shown ?? new URL(options.baseUrl).origin;
  }

  /** One request, one answer; an error of the server is thrown as ours. */
  async request(
    name: OperationName,
    context: RequestContext,
    init: RequestInit,
    query: Query = {},
  ): Promise<Response> {
    await this.version(init.signal ?? context.signal);
    return this.#exchange(name, context, init, query);
  }

  /** What is asked, as often as the connection is lost on the way. A stream comes back by itself once it was open. */
  insist<Value>(
    context: RequestContext,
    attempt: (signal: AbortSignal) => Promise<Value>,
    patience = this.#patience,
  ): Promise<Value> {
    return persistently(attempt, {
      times: this.times,
      shown: this.shown,
      signal: context.signal,
      isKnown: () => this.#isKnown,
      patience,
      onLost: this.#options.onLost,
    });
  }

  async version(signal: AbortSignal | null | undefined): Promise<string> {
    this.#agreed ??= this.#agree();
    this.#agreed.catch(() => {
      this.#agreed = undefined;
    });
    return unlessAborted(this.#agreed, signal ?? undefined);
  }

  /** The JSON text of a request, as this server can read it. */
  async encoded(name: OperationName, context: RequestContext, fields: unknown): Promise<string> {
    const version = await this.version(context.signal);
    return encodeRequest(name, fitToVersion(name, CONTRACT[name], fields, version), version);
  }

  async queryOf(name: OperationName, context: RequestContext, fields: unknown): Promise<Query> {
    return JSON.parse(await this.encoded(name, context, fields)) as Query;
  }

  async #exchange(
    name: OperationName,
    context: RequestContext,
    init: RequestInit,
    query: Query,
  ): Promise<Response> {
    const { baseUrl, token, fetch: send = fetch } = this.#options;
    const url = new URL(routeOf(name), baseUrl);
    for (const [key, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(key, String(value));
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (CONTRACT[name].changes)
      headers.set('idempotency-key', context.idempotency_key ?? crypto.randomUUID());
    const signal = init.signal ?? context.signal ?? null;
    let response: Response;
    try {
      // A token goes to the server that it was given for, and to nobody to whom that one points.
      response = await send(url, {
        ...init,
        method: CONTRACT[name].http,
        headers,
        signal,
        redirect: 'manual',
      });
    } catch (thrown) {
      if (signal?.aborted === true || thrown instanceof YonderError) throw thrown;
      throw connectionError(this.shown, thrown);
    }
    if (!response.ok) throw await errorOf(response, this.shown);
    return response;
  }

  /** Asks again where the answer breaks off, also before anything was ever there. */
  async #agree(): Promise<string> {
    const context = { principal: '', scopes: [] };
    const { protocol, limits } = await this.insist(context, async (signal) =>
      answerOf('capabilities', await this.#exchange('capabilities', context, { signal }, {}), this.shown),
    );
    if (protocol.split('.')[0] !== PROTOCOL_VERSION.split('.')[0])
      throw new YonderError(
        'protocol_mismatch',
        `the server speaks protocol ${protocol}, this client ${PROTOCOL_VERSION}; use the same major version`,
      );
    const heartbeat = limits['heartbeat_ms'];
    if (this.#options.times?.stall === undefined && typeof heartbeat === 'number' && heartbeat > 0)
      this.times.stall = MISSED_HEARTBEATS * heartbeat;
    this.#isKnown = true;
    return protocol;
  }
}

const MISSED_HEARTBEATS = 3;

/** A context whose key is the same for all tries of one call. */
export function keyed(context: RequestContext): RequestContext {
  return { ...context, idempotency_key: context.idempotency_key ?? crypto.randomUUID() };
}
