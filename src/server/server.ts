import { toYonderError } from '../protocol/errors.ts';
import type { Transport } from '../protocol/backend.ts';
import type { RequestContext } from '../protocol/context.ts';
import { routeOf } from '../protocol/contract/contract.ts';
import { errorResponse } from './error-response.ts';
import { Caps, type ServerCaps } from './guard/caps.ts';
import { checkHost, hostNames } from './guard/host-names.ts';
import { origins } from './guard/origins.ts';
import { refuseTokenInAddress } from './guard/query-token.ts';
import { createHandler } from './handler.ts';
import type { Address } from './listen/address.ts';
import { listen, type Listener } from './listen/listen.ts';
import type { ServerLimits } from './listen/limits.ts';
import type { TlsTexts } from './listen/tls.ts';
import { Exchanges, type RequestLog } from './request-log.ts';
import { servedStreams } from './served-streams.ts';

export interface ServerOptions {
  address: Address;
  tls?: TlsTexts | undefined;
  /** Who asks, as `authenticator` finds out; undefined is `unauthorized`. */
  authenticate: (request: Request) => Promise<RequestContext | undefined>;
  /** Names that clients may use for this server beside those that it listens on. */
  allowed_hosts?: readonly string[];
  /** Pages of other sites that may ask, as `https://host`. */
  allowed_origins?: readonly string[];
  heartbeat_ms?: number;
  limits?: Partial<ServerLimits>;
  caps?: Partial<ServerCaps>;
  log?: RequestLog;
  /** The log names where faults of ours come from. */
  debug?: boolean;
}

/** A server on a socket: the contract over a transport, behind its guards. Throws as `listen` does; the caller closes it, and the transport after it. */
export async function startServer(transport: Transport, options: ServerOptions): Promise<Listener> {
  const closing = new AbortController();
  const caps = new Caps(options.caps);
  const requestId = (): string => `http_${crypto.randomUUID()}`;
  const pages = origins(options.allowed_origins);
  let answersTo: (host: string) => boolean = () => false;
  const exchanges = new Exchanges(options.log, options.debug ?? false);
  const handler = createHandler(servedStreams(transport, caps, closing.signal), {
    async authenticate(request) {
      const caller = await options.authenticate(request);
      exchanges.from(request, caller?.principal);
      return caller;
    },
    failed: (request, error) => exchanges.failed(request, error),
    requestId,
    ...(options.heartbeat_ms === undefined ? {} : { heartbeat_ms: options.heartbeat_ms }),
  });

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    checkHost(request, url, answersTo);
    refuseTokenInAddress(url);
    const preflight = pages.admit(request);
    if (preflight !== undefined) {
      preflight.headers.set('x-request-id', requestId());
      return preflight;
    }
    if (url.pathname !== routeOf('upload/create')) return handler(request);
    const leave = caps.enter('uploads');
    try {
      return await handler(request);
    } finally {
      leave();
    }
  }

  async function guarded(request: Request): Promise<Response> {
    exchanges.begin(request);
    let response: Response;
    try {
      response = await answer(request);
    } catch (thrown) {
      const error = toYonderError(thrown);
      exchanges.failed(request, error);
      response = errorResponse(error, requestId());
    }
    pages.mark(request, response.headers);
    return response;
  }

  const listener = await listen(guarded, options.address, {
    tls: options.tls,
    requestId,
    answered: (answered) => exchanges.end(answered),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  answersTo = hostNames(listener.address, options.allowed_hosts);
  return {
    ...listener,
    close(close) {
      closing.abort();
      return listener.close(close);
    },
  };
}
