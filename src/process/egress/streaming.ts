import type { Dispatcher } from 'undici';
import { connection } from './connection.ts';
import { EgressError } from './egress-error.ts';
import { failure } from './failure.ts';
import { isPublicAddress } from './public-address.ts';
import type { EgressParts } from './request.ts';
import { findTarget, readUrl, shownUrl, type Target } from './target.ts';

export interface StreamingRules {
  /** The server that the caller was given. */
  named: URL;
  /**
   * Whether that server may be of a private network. Others that it names may be only where it is of one itself: what is on the open internet
   * leads nowhere inside. What a redirect names never may.
   */
  allowPrivate: boolean;
  /** Called for each URL before anything is asked of it; what it throws is thrown. */
  check?: ((url: URL) => void | Promise<void>) | undefined;
}

/** As `fetch`, for what streams in both directions; `close` ends all its connections. */
export interface StreamingEgress {
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/** So long a judged name keeps its addresses; those who are connected stay so. Milliseconds. */
const JUDGED_FOR_MS = 60_000;
const MOST_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

interface Way {
  target: Target;
  dispatcher: Dispatcher;
  judged_at: number;
}

/**
 * The way out for servers that are talked to at length: the same judgement of names, addresses and redirects as `createEgress`, connections that are kept,
 * bodies without a bound. With `redirect: 'manual'` a redirect is given back once its target was judged; else it is followed within its
 * origin alone, and a request with a body never. Throws EgressError, and the signal's reason.
 */
export function createStreamingEgress(
  parts: EgressParts,
  rules: StreamingRules,
  now: () => number = Date.now,
): StreamingEgress {
  const ways = new Map<string, Way>();
  const old = new Set<Dispatcher>();

  async function wayTo(url: URL, signal: AbortSignal): Promise<Way> {
    const known = ways.get(url.origin);
    if (known !== undefined && now() - known.judged_at < JUDGED_FOR_MS) return known;
    await rules.check?.(url);
    const target = await findTarget(url, parts, { allowPrivate: await mayBePrivate(url, signal) }, signal);
    const same = known !== undefined && addressesOf(known.target) === addressesOf(target);
    if (known !== undefined && !same) old.add(known.dispatcher);
    const dispatcher = same ? known.dispatcher : await connection(target, parts);
    const way = { target, dispatcher, judged_at: now() };
    ways.set(url.origin, way);
    return way;
  }

  async function mayBePrivate(url: URL, signal: AbortSignal): Promise<boolean> {
    if (!rules.allowPrivate || url.origin === rules.named.origin) return rules.allowPrivate;
    const { target } = await wayTo(rules.named, signal);
    return target.addresses.some(({ address }) => !isPublicAddress(address));
  }

  async function ask(url: URL, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const { target, dispatcher } = await wayTo(url, signal);
    const undici = await import('./undici.ts');
    // undici's own fetch and the global one differ in their types alone.
    const fetch = undici.fetch as unknown as (input: URL, init: object) => Promise<Response>;
    try {
      return here(await fetch(url, { ...init, dispatcher, redirect: 'manual' }));
    } catch (thrown) {
      signal.throwIfAborted();
      const cause = thrown instanceof TypeError && thrown.cause !== undefined ? thrown.cause : thrown;
      throw failure(cause, shownUrl(url), target);
    }
  }

  async function judgeRedirect(location: string, from: URL, signal: AbortSignal): Promise<URL> {
    const url = readUrl(location, false, from);
    await rules.check?.(url);
    const isWithin = url.origin === from.origin;
    await findTarget(url, parts, { allowPrivate: isWithin && rules.allowPrivate }, signal, from);
    return url;
  }

  return {
    async fetch(address, init = {}) {
      const signal = init.signal ?? new AbortController().signal;
      let url = readUrl(String(address), false);
      for (let count = 0; ; count += 1) {
        signal.throwIfAborted();
        const response = await ask(url, init, signal);
        const location = response.headers.get('location');
        if (!REDIRECTS.includes(response.status) || location === null) return response;
        const from = url;
        url = await judgeRedirect(location, from, signal).catch(async (thrown: unknown) => {
          await response.body?.cancel();
          throw thrown;
        });
        if (init.redirect === 'manual') return response;
        await response.body?.cancel();
        refuseRedirect({ from, to: url, init, count });
      }
    },
    async close() {
      const all = [...old, ...[...ways.values()].map(({ dispatcher }) => dispatcher)];
      ways.clear();
      old.clear();
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/** undici brings a Response of its own, which is none of this process's to those who ask what it is. */
function here({ body, status, statusText, headers }: Response): Response {
  const hasNoBody = [204, 205, 304].includes(status);
  return new Response(hasNoBody ? null : body, { status, statusText, headers: [...headers] });
}

/** What was given for one origin, a code or a key, goes to no other. */
function refuseRedirect(asked: { from: URL; to: URL; init: RequestInit; count: number }): void {
  const { from, to, init, count } = asked;
  const shown = shownUrl(from);
  const why =
    count >= MOST_REDIRECTS
      ? `more than ${MOST_REDIRECTS} times`
      : to.origin !== from.origin
        ? `to another origin, ${to.origin}, which is not followed here`
        : (init.method ?? 'GET') !== 'GET'
          ? 'a request that has a body, which is not sent twice'
          : undefined;
  if (why !== undefined) throw new EgressError('redirects', shown, `${shown} redirects ${why}`);
}

function addressesOf({ addresses, proxy }: Target): string {
  return [proxy ?? '', ...addresses.map(({ address }) => address).toSorted()].join(' ');
}
