import { YonderError } from '../../protocol/errors.ts';
import type { Env } from '../keys.ts';

/** As curl reads them: lower case wins, and a name without a scheme is one of HTTP. Throws `invalid_request` for what is no address. */
export function proxyOf(env: Env, scheme: 'http' | 'https'): string {
  // Upper-case HTTP_PROXY is taken too, since no CGI server runs this.
  const names = [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`];
  const name = names.find((candidate) => (env(candidate) ?? '') !== '');
  if (name === undefined) return '';
  const value = env(name) ?? '';
  const address = value.includes('://') ? value : `http://${value}`;
  // The value can hold a password, so the message does not.
  if ((URL.parse(address)?.hostname ?? '') === '')
    throw new YonderError(
      'invalid_request',
      `the variable ${name} is not the address of a proxy; write e.g. http://proxy.example:3128, or unset it`,
    );
  return address;
}

/** The names that are asked without a proxy, as they were written. */
export function noProxyOf(env: Env): string {
  return env('no_proxy') || env('NO_PROXY') || '';
}

/** The proxy of one URL, or undefined where NO_PROXY names its host: `*`, a host, a domain and all below it, each with a port or without. */
export function proxyFor(env: Env, url: URL): string | undefined {
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const proxy = proxyOf(env, scheme);
  if (proxy === '') return undefined;
  const port = url.port === '' ? (scheme === 'https' ? '443' : '80') : url.port;
  const host = url.hostname.toLowerCase();
  const entries = noProxyOf(env)
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '');
  const isNamed = entries.some((entry) => {
    if (entry === '*') return true;
    const [, name = entry, only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
    const domain = name.replace(/^\*?\./, '');
    return (only === undefined || only === port) && (host === domain || host.endsWith(`.${domain}`));
  });
  return isNamed ? undefined : proxy;
}
