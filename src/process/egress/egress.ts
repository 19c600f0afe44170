import { readBody, type Body } from './body.ts';
import { connection } from './connection.ts';
import { EgressError } from './egress-error.ts';
import { failure } from './failure.ts';
import type { EgressAnswer, EgressParts, EgressRequest } from './request.ts';
import { findTarget, readUrl, shownUrl, type Target } from './target.ts';

/** Asks for one thing from the network; see `createEgress`. */
export type Egress = (request: EgressRequest) => Promise<EgressAnswer>;

const DEFAULT_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** What goes along to another origin: nothing that a caller was given for the first one alone. */
const HARMLESS: readonly string[] = ['accept', 'accept-language', 'user-agent', 'content-type'];

interface Hop {
  url: URL;
  method: 'GET' | 'POST';
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array | undefined;
}

type Redirect = { location: string; status: number };
type Answered = Redirect | { answer: Omit<EgressAnswer, 'redirects'> };

/**
 * The one way out of this process for what people and models name by a URL: the name is resolved here and the connection goes to the addresses that were
 * judged; addresses that are not of the open internet are refused, for the URL and after each redirect; the body's size is counted after decompression.
 * Throws EgressError, and the signal's reason. Nothing is kept between two requests, and nothing is loaded before the first.
 */
export function createEgress(parts: EgressParts): Egress {
  return async (request) => {
    const timeout = AbortSignal.timeout(request.timeoutMs);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
    try {
      return await followRedirects(parts, request, signal);
    } catch (thrown) {
      request.signal?.throwIfAborted();
      if (!timeout.aborted) throw thrown;
      const shown = shownUrl(readUrl(request.url, false));
      throw new EgressError('timeout', shown, `${shown} did not answer in ${request.timeoutMs / 1000} s`, {
        cause: thrown,
      });
    }
  };
}

async function followRedirects(
  parts: EgressParts,
  request: EgressRequest,
  signal: AbortSignal,
): Promise<EgressAnswer> {
  const httpsOnly = request.httpsOnly === true;
  const most = request.maxRedirects ?? DEFAULT_REDIRECTS;
  const redirects: string[] = [];
  let from: URL | undefined;
  let hop: Hop = {
    url: readUrl(request.url, httpsOnly),
    method: request.method ?? 'GET',
    headers: request.headers ?? {},
    body: request.body,
  };
  for (;;) {
    signal.throwIfAborted();
    await request.check?.(hop.url);
    const target = await findTarget(hop.url, parts, request, signal, from);
    const answered = await ask(hop, target, parts, request, signal);
    if ('answer' in answered) return { ...answered.answer, redirects };
    redirects.push(hop.url.href);
    if (redirects.length > most) {
      const shown = shownUrl(hop.url);
      throw new EgressError(
        'redirects',
        shown,
        `${request.url} redirects more than ${most} times, last from ${shown}`,
      );
    }
    from = hop.url;
    hop = redirected(hop, readUrl(answered.location, httpsOnly, hop.url), answered);
  }
}

function redirected(from: Hop, url: URL, answered: Redirect): Hop {
  const keepsBody = answered.status === 307 || answered.status === 308;
  const headers =
    url.origin === from.url.origin
      ? from.headers
      : Object.fromEntries(
          Object.entries(from.headers).filter(([name]) => HARMLESS.includes(name.toLowerCase())),
        );
  return keepsBody
    ? { ...from, url, headers }
    : { url, method: 'GET', headers: withoutType(headers), body: undefined };
}

function withoutType(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-type'),
  );
}

/** One request to one target, over a connection of its own that is gone afterwards. */
async function ask(
  hop: Hop,
  target: Target,
  parts: EgressParts,
  request: EgressRequest,
  signal: AbortSignal,
): Promise<Answered> {
  const undici = await import('./undici.ts');
  const dispatcher = await connection(target, parts);
  const shown = shownUrl(hop.url);
  try {
    const response = await undici.request(hop.url, {
      dispatcher,
      method: hop.method,
      headers: { 'accept-encoding': 'gzip, deflate, br, zstd', ...hop.headers },
      body: hop.body ?? null,
      signal,
    });
    // Whoever is destroyed unread says so.
    response.body.on('error', () => {});
    const headers = oneEach(response.headers);
    const location = headers['location'];
    if (REDIRECTS.includes(response.statusCode) && location !== undefined) {
      return { location, status: response.statusCode };
    }
    const body = await readBody(response.body, headers['content-encoding'], request.maxBytes);
    refuseLong(body, request, shown);
    return {
      answer: { url: hop.url.href, status: response.statusCode, headers, body: body.bytes, cut: body.cut },
    };
  } catch (thrown) {
    signal.throwIfAborted();
    throw failure(thrown, shown, target);
  } finally {
    await dispatcher.destroy();
  }
}

function oneEach(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function refuseLong(body: Body, request: EgressRequest, shown: string): void {
  if (!body.cut || request.overLimit === 'cut') return;
  throw new EgressError('too_large', shown, `${shown} sends more than ${request.maxBytes} bytes`);
}
