import { resolve } from 'node:path';
import { readPolicyFile } from '../../config/policy/read-policy.ts';
import type { RequestContext } from '../../protocol/context.ts';
import { YonderError } from '../../protocol/errors.ts';
import { policyFor } from '../../protocol/policy-for.ts';
import { patternProblem } from '../../runtime/host/pattern-problem.ts';
import { authenticator } from '../../server/auth/authenticate.ts';
import { makeToken } from '../../server/auth/token.ts';
import type { Address } from '../../server/listen/address.ts';
import type { Io } from '../terminal/io.ts';
import type { ServeFlags } from './serve-flags.ts';
import { liveTokens, type LiveTokens } from './tokens-file.ts';

export interface WhoMayCome {
  authenticate(request: Request): Promise<RequestContext | undefined>;
  /** The token that was made because none was given; shown once. */
  made: string | undefined;
  close(): void;
}

/**
 * Who may come in, and what each may do. Without any token one is made, but on a socket of our own, which only this user can open: there whoever comes is the
 * local user (R12). Where tokens are given each request needs one, on a socket too: others may stand behind a proxy there. Never open.
 */
export async function whoMayCome(
  flags: ServeFlags,
  address: Address,
  place: { folder: string; io: Io; warn: (message: string) => void },
): Promise<WhoMayCome> {
  const { folder, io, warn } = place;
  const given =
    someToken('--auth-token', flags.authToken) ?? someToken('YONDER_AUTH_TOKEN', io.env['YONDER_AUTH_TOKEN']);
  const file =
    flags.policy === undefined
      ? undefined
      : await readPolicyFile(resolve(io.cwd, flags.policy), patternProblem);
  const tokens: LiveTokens | undefined =
    flags.authTokens === undefined ? undefined : await liveTokens(resolve(io.cwd, flags.authTokens), warn);
  const isBare = given === undefined && tokens === undefined;
  const local = isBare && address.kind === 'unix';
  const made = isBare && !local ? makeToken() : undefined;
  const known = authenticator({
    token: given ?? made,
    local,
    ...(tokens === undefined ? {} : { entries: () => tokens.entries() }),
  });
  return {
    async authenticate(request) {
      const caller = await known(request);
      return caller && { ...caller, policy: policyFor(caller, { folder, file }) };
    },
    made,
    close: () => tokens?.close(),
  };
}

/** An empty one is none; a short one could be guessed, and one with a blank cannot be sent. */
function someToken(origin: string, token: string | undefined): string | undefined {
  if (token === undefined || token === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new YonderError('invalid_request', `${origin}: a token is printable characters without blanks`);
}
