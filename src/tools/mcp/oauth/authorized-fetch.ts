import type { ServerAccess } from './access.ts';
import { challengeOf } from './challenge.ts';
import type { Fetch } from './discovery.ts';
import { SignInNeeded } from './sign-in-needed.ts';

/**
 * A fetch for one server that carries the person's token: a token that is refused is renewed once, and what only a person can help on ends as
 * `SignInNeeded`, before the server's tool saw anything.
 */
export function authorizedFetch(fetch: Fetch, access: ServerAccess): Fetch {
  return async (url, init = {}) => {
    const used = await access.token();
    const response = await fetch(url, withToken(init, used));
    const challenge = challengeOf(response);
    if (challenge === undefined) return response;
    if (challenge.kind === 'step_up') {
      await response.body?.cancel();
      throw new SignInNeeded(challenge, `${access.url.host} wants more than was granted`);
    }
    if (used === undefined || !(await access.renew(used))) {
      await response.body?.cancel();
      throw new SignInNeeded(challenge, `${access.url.host} wants a sign-in`);
    }
    await response.body?.cancel();
    const again = await fetch(url, withToken(init, await access.token()));
    const refused = challengeOf(again);
    if (refused === undefined) return again;
    await again.body?.cancel();
    throw new SignInNeeded(refused, `${access.url.host} refuses the renewed token too`);
  };
}

function withToken(init: RequestInit, token: string | undefined): RequestInit {
  if (token === undefined) return init;
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
}
