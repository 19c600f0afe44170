import { YonderError } from '../../protocol/errors.ts';

/** Where a client listens for its browser: on its own machine alone (RFC 8252 section 7.3). Throws `invalid_request`. */
export function loopbackRedirect(redirect_url: string): string {
  const url = URL.parse(redirect_url);
  const isLoopback =
    url?.protocol === 'http:' &&
    ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname) &&
    url.port !== '' &&
    url.username === '' &&
    url.hash === '';
  if (!isLoopback)
    throw new YonderError(
      'invalid_request',
      'redirect_url: it must be an address with a port of the machine that asks, e.g. http://127.0.0.1:40123/callback',
      { details: { field: 'redirect_url' } },
    );
  return redirect_url;
}
