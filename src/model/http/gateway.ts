import { YonderError } from '../../protocol/errors.ts';
import { builtInProvider } from '../../protocol/providers.ts';
import type { ResolvedModel } from '../../protocol/team.ts';

/** Where requests go in place of the provider, which the gateway finds in a header of the request. */
export interface Gateway {
  /** Without user, password, query and fragment, and without a slash at its end. */
  url: string;
  /** `Basic ...`, from the user and password of the address. */
  authorization?: string;
}

/** Ours, and the one by which the peer's gateways know where a request is meant to go. */
const FORWARD = ['x-yonder-forward', 'x-cagent-forward'] as const;

/** The gateway holds the keys: those of this machine are not its business. */
const KEYS = ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'];

/** Throws `invalid_request` for what is no web address; the message never holds a password. */
export function parseGateway(address: string): Gateway {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new YonderError(
      'invalid_request',
      'models_gateway must be an address that begins with https:// or http://',
    );
  }
  const { username, password } = url;
  const said = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const shown = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  if (said === ':') return { url: shown };
  return { url: shown, authorization: `Basic ${Buffer.from(said).toString('base64')}` };
}

/** Servers on this machine are asked themselves: another machine's gateway has no way to them. */
export function goesThroughGateway(model: ResolvedModel): boolean {
  const keyless = builtInProvider(model.provider)?.token_key === undefined;
  return model.base_url !== undefined || !keyless;
}

/** The headers that name the provider's own base URL to a gateway. */
export function forwardHeaders(base: string): Record<string, string> {
  return Object.fromEntries(FORWARD.map((name) => [name, base]));
}

/**
 * A `fetch` that sends what has the headers of `forwardHeaders` to the gateway: its address followed by the whole path of the request.
 * It stands below the cassettes, so that a recording names the provider and plays without the gateway.
 */
export function gatewayFetch(inner: typeof fetch, gateway: Gateway): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    if (!headers.has(FORWARD[0])) return inner(input, init);
    const target = new URL(input instanceof Request ? input.url : input);
    for (const name of KEYS) headers.delete(name);
    if (gateway.authorization !== undefined) headers.set('authorization', gateway.authorization);
    // A key in the query, as some addresses of a team have it, is the provider's and not the gateway's.
    for (const name of ['key', 'api_key', 'api-key', 'access_token']) target.searchParams.delete(name);
    return inner(`${gateway.url}${target.pathname}${target.search}`, {
      ...init,
      headers: Object.fromEntries(headers),
    });
  };
}
