import { YonderError } from '../../protocol/errors.ts';
import { INPUT_ID_HEADER, RUN_ID_HEADER } from '../../protocol/sse.ts';

const METHODS = 'GET, POST';
const REQUEST_HEADERS = 'authorization, content-type, idempotency-key, last-event-id, range';
const ANSWER_HEADERS = [
  'x-request-id',
  RUN_ID_HEADER,
  INPUT_ID_HEADER,
  'content-disposition',
  'content-range',
  'retry-after',
];
/** How long a browser keeps what a preflight said, in seconds. */
const KEPT_S = '600';

/** Which pages of other sites may ask: none, unless named. Never all. */
export interface Origins {
  /** Throws `forbidden` for a page that is not allowed; answers the question that a browser asks before it sends. */
  admit(request: Request): Response | undefined;
  /** Puts on an answer what its browser needs to hand it to the page. */
  mark(request: Request, headers: Headers): void;
}

/** Origins as a browser sends them: `https://host` or `https://host:port`. Throws `invalid_request` for what is none. */
export function origins(allowed: readonly string[] = []): Origins {
  const known = new Set(allowed.map(checked));
  return {
    admit(request) {
      const origin = request.headers.get('origin');
      if (origin === null) return undefined;
      if (!known.has(origin))
        throw new YonderError(
          'forbidden',
          `pages of ${JSON.stringify(origin.slice(0, 100))} may not ask this server; whoever runs it can allow that: --allow-origin`,
        );
      const isPreflight =
        request.method === 'OPTIONS' && request.headers.has('access-control-request-method');
      return isPreflight ? new Response(null, { status: 204, headers: preflight(request) }) : undefined;
    },
    mark(request, headers) {
      if (known.size === 0) return;
      headers.append('vary', 'Origin');
      const origin = request.headers.get('origin');
      if (origin === null || !known.has(origin)) return;
      headers.set('access-control-allow-origin', origin);
      headers.set('access-control-expose-headers', ANSWER_HEADERS.join(', '));
    },
  };
}

function preflight({ headers }: Request): Record<string, string> {
  const isPrivate = headers.get('access-control-request-private-network') === 'true';
  return {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': REQUEST_HEADERS,
    'access-control-max-age': KEPT_S,
    ...(isPrivate ? { 'access-control-allow-private-network': 'true' } : {}),
  };
}

function checked(origin: string): string {
  const url = URL.parse(origin);
  if (url !== null && ['http:', 'https:'].includes(url.protocol) && url.origin === origin) return origin;
  const hint = url === null || url.origin === 'null' ? 'https://example.org' : url.origin;
  throw new YonderError(
    'invalid_request',
    `${origin} is no origin; write it as a browser sends it, e.g. ${hint}`,
  );
}
