import { isIP } from 'node:net';
import { YonderError } from '../../protocol/errors.ts';
import type { Address } from '../listen/address.ts';

/**
 * Which names a server answers to. A page of another site can have its own name point to this machine (DNS rebinding), and its requests then come with that name. So
 * a name counts only where it is one of this machine, is listened on, or was allowed. An address is no name and cannot be made to point elsewhere.
 */
export function hostNames(address: Address, allowed: readonly string[] = []): (host: string) => boolean {
  if (address.kind !== 'tcp') return () => true; // a socket in a folder of its own: no page of a browser comes there
  const listened = address.host.toLowerCase();
  const isWide = ['0.0.0.0', '::', '[::]'].includes(listened);
  const names = new Set([listened, ...allowed.map((name) => name.toLowerCase())]);
  return (host) => {
    const name = nameOf(host);
    if (name === undefined) return false;
    if (names.has(name)) return true;
    if (isIP(name) !== 0) return isWide || (isLoopback(name) && isLoopback(listened));
    return isLocalName(name) && (isWide || isLoopback(listened));
  };
}

/** Throws `forbidden` where a request was meant for a name that this server does not answer to. */
export function checkHost(request: Request, url: URL, answersTo: (host: string) => boolean): void {
  const wrong = [request.headers.get('host') ?? url.host, url.host].find((host) => !answersTo(host));
  if (wrong === undefined) return;
  throw new YonderError(
    'forbidden',
    `this server does not answer to the name ${JSON.stringify(wrong.slice(0, 100))}; use one that it listens on, or start it with --allow-host`,
  );
}

/** Whether an address or name leads to this machine and never out of it. */
export function isLoopback(host: string): boolean {
  return isLocalName(host) || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

/** Without port and brackets. */
function nameOf(host: string): string | undefined {
  const url = URL.parse(`http://${host}`);
  if (url === null || url.username !== '' || url.pathname !== '/') return undefined;
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
