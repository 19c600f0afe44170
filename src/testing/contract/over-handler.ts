import type { HttpTransportOptions } from '../../client/connection.ts';
import { createHttpTransport } from '../../client/http-transport.ts';
import type { Transport } from '../../protocol/backend.ts';
import { LOCAL_CONTEXT, type RequestContext } from '../../protocol/context.ts';
import { createHandler } from '../../server/handler.ts';

export interface OverHandlerOptions {
  heartbeat_ms?: number | undefined;
  /** Who sends which token; one without a token is the local user. */
  callers?: ReadonlyMap<string, RequestContext>;
  token?: string | undefined;
  /** Wraps the injected `fetch`, e.g. to cut its answers. */
  wrap?: (inner: typeof fetch) => typeof fetch;
  times?: HttpTransportOptions['times'];
}

/** The client's transport over the server's handler, by an injected `fetch`. */
export function overHandler(transport: Transport, options: OverHandlerOptions = {}): Transport {
  const handle = handlerFetch(transport, options);
  return createHttpTransport({
    baseUrl: 'http://yonder.test',
    fetch: options.wrap?.(handle) ?? handle,
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(options.times === undefined ? {} : { times: options.times }),
  });
}

/** The server's handler in the shape of `fetch`. */
export function handlerFetch(transport: Transport, options: OverHandlerOptions = {}): typeof fetch {
  const handler = handlerOver(transport, options);
  return (input, init) => handler(new Request(input, init));
}

/** The server's handler over a Host, as tests have it. */
export function handlerOver(
  transport: Transport,
  { callers, heartbeat_ms = 1_000 }: Pick<OverHandlerOptions, 'callers' | 'heartbeat_ms'> = {},
): (request: Request) => Promise<Response> {
  let count = 0;
  return createHandler(transport, {
    authenticate: async (request) => {
      const token = request.headers.get('authorization')?.replace(/^Bearer /, '');
      return token === undefined ? LOCAL_CONTEXT : callers?.get(token);
    },
    heartbeat_ms,
    requestId: () => `http_${(count += 1)}`,
  });
}
