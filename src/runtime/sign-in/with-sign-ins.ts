import { YonderError } from '../../protocol/errors.ts';
import { SignInNeeded, type Challenge } from '../../tools/mcp/oauth/sign-in-needed.ts';

/** So often a person is asked for one request. */
const MOST_SIGN_INS = 2;

/**
 * Does something that may need a sign-in, and does it again after one. A server that refuses what it gave itself is not asked for ever: the same demand
 * a second time, or a third one, is `unauthorized`.
 */
export async function withSignIns<Result>(
  act: () => Promise<Result>,
  signIn: (challenge: Challenge) => Promise<void>,
): Promise<Result> {
  const demanded = new Set<string>();
  for (;;) {
    try {
      return await act();
    } catch (thrown) {
      if (!(thrown instanceof SignInNeeded)) throw thrown;
      const { kind, scope = '' } = thrown.challenge;
      const demand = `${kind} ${scope}`;
      if (demanded.has(demand) || demanded.size >= MOST_SIGN_INS)
        throw new YonderError('unauthorized', `${thrown.message}, although a person has just signed in`, {
          cause: thrown,
        });
      demanded.add(demand);
      await signIn(thrown.challenge);
    }
  }
}
