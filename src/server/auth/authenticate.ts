import { LOCAL_CONTEXT, scopeSchema, type RequestContext } from '../../protocol/context.ts';
import { YonderError } from '../../protocol/errors.ts';
import { expiryOf, type TokenEntry } from './entries.ts';
import { bearerToken, isTokenOf, tokenHash } from './token.ts';

export interface AuthOptions {
  /** The one token of `--auth-token`: principal `admin` with all scopes (R12). */
  token?: string | undefined;
  /** Those of the tokens file, as they are now. */
  entries?: () => readonly TokenEntry[];
  /** Whoever comes without a token is the local user: right on a socket that only this user can open, and nowhere else (R12). */
  local?: boolean;
  now?: () => number;
}

/**
 * Who asks, by the token of a request; undefined without one. Throws `unauthorized` for one that is wrong or too old. The answer takes as long for every wrong
 * token.
 */
export function authenticator(
  options: AuthOptions,
): (request: Request) => Promise<RequestContext | undefined> {
  const now = options.now ?? Date.now;
  const single: TokenEntry | undefined =
    options.token === undefined
      ? undefined
      : {
          principal: LOCAL_CONTEXT.principal,
          hash: tokenHash(options.token),
          scopes: [...scopeSchema.options],
        };
  return async (request) => {
    const header = request.headers.get('authorization');
    if (header === null) return options.local === true ? LOCAL_CONTEXT : undefined;
    const token = bearerToken(request);
    if (token === undefined)
      throw new YonderError('unauthorized', 'send the token as: Authorization: Bearer <token>');
    const entries = [...(single === undefined ? [] : [single]), ...(options.entries?.() ?? [])];
    // Every entry is compared, so that the time says nothing about which one it is.
    const found = entries.filter(({ hash }) => isTokenOf(token, hash)).at(0);
    if (found === undefined) throw new YonderError('unauthorized', 'this server does not know this token');
    const expiry = expiryOf(found);
    if (expiry !== undefined && expiry <= now())
      throw new YonderError(
        'unauthorized',
        `the token of ${found.principal} expired (${found.expires}); ask for a new one`,
      );
    return contextOf(found);
  };
}

function contextOf({ principal, scopes, approve_own }: TokenEntry): RequestContext {
  return {
    principal,
    scopes: scopes.includes('admin') ? [...scopeSchema.options] : scopes,
    ...(approve_own === undefined ? {} : { approve_own }),
  };
}
