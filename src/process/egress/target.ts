import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { EgressError } from './egress-error.ts';
import { isPublicAddress } from './public-address.ts';
import type { EgressParts, EgressRequest } from './request.ts';

/** A URL that may be asked, and where it may be asked: nothing else is connected to. */
export interface Target {
  url: URL;
  /** Empty where a proxy resolves the name. */
  addresses: readonly LookupAddress[];
  proxy: string | undefined;
}

/** What a message may show of a URL: a password is not for logs. */
export function shownUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  return shown.href;
}

/** What a message says of the URL that led there. */
function redirectedFrom(from: URL | undefined): string {
  return from === undefined ? '' : `, to which ${shownUrl(from)} redirects,`;
}

/** Reads an address and refuses what is no http(s) URL of the wanted kind. `from`: the URL that redirected here. */
export function readUrl(address: string, httpsOnly: boolean, from?: URL): URL {
  const url = URL.parse(address, from);
  const said = redirectedFrom(from);
  if (url === null) throw new EgressError('address', address, `${address}${said} is not a URL`);
  const shown = shownUrl(url);
  if (httpsOnly && url.protocol === 'http:')
    throw new EgressError('address', shown, `${shown}${said} is not https, and only https is taken here`);
  if (!['http:', 'https:'].includes(url.protocol))
    throw new EgressError('address', shown, `${shown}${said} is not an http or https URL`);
  if (url.username !== '' || url.password !== '')
    throw new EgressError(
      'address',
      shown,
      `${shown}${said} has a user name or a password in it, which is not sent; leave it out`,
    );
  return url;
}

/**
 * Looks up a URL's name and refuses it if any of its addresses is not of the open internet. The addresses are those that are connected to, so that
 * a name which answers otherwise the second time (DNS rebinding) leads nowhere else. Behind a proxy a name that only the proxy knows is left to
 * it: only it can tell. `from`: the URL that redirected here.
 */
export async function findTarget(
  url: URL,
  parts: EgressParts,
  request: Pick<EgressRequest, 'allowPrivate'>,
  signal: AbortSignal,
  from?: URL,
): Promise<Target> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const proxy = parts.proxyFor?.(url);
  const family = isIP(host);
  const addresses =
    family === 0 ? await lookUp(host, url, parts, proxy !== undefined, signal) : [{ address: host, family }];
  const refused =
    request.allowPrivate === true ? undefined : addresses.find((entry) => !isPublicAddress(entry.address));
  if (refused !== undefined) {
    const shown = shownUrl(url);
    const where = family === 0 ? `${host} is ${refused.address}` : host;
    throw new EgressError(
      'private_address',
      shown,
      `${shown}${redirectedFrom(from)} is refused: ${where}, an address that is not of the open internet`,
      { address: refused.address },
    );
  }
  return { url, addresses, proxy };
}

async function lookUp(
  host: string,
  url: URL,
  parts: EgressParts,
  isProxied: boolean,
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  // RFC 6761: these are this machine, whatever a resolver says, and a proxy would take them for itself.
  if (/(?:^|\.)localhost\.?$/i.test(host)) return [{ address: '127.0.0.1', family: 4 }];
  try {
    const found = await unlessAborted((parts.resolve ?? systemResolve)(host), signal);
    if (found.length > 0) return found;
  } catch (cause) {
    signal.throwIfAborted();
    if (isProxied) return [];
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const shown = shownUrl(url);
    throw new EgressError(
      'unreachable',
      shown,
      `${shown} cannot be reached: no address for ${host} (${code})`,
      {
        cause,
      },
    );
  }
  if (isProxied) return [];
  const shown = shownUrl(url);
  throw new EgressError('unreachable', shown, `${shown} cannot be reached: no address for ${host}`);
}

async function systemResolve(host: string): Promise<LookupAddress[]> {
  const { lookup } = await import('node:dns/promises');
  return lookup(host, { all: true });
}

/** The system's resolver takes no signal: it is left to end by itself. */
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
