import { isSecretPath } from './secrets.ts';
import type { DecisionInput } from './types.ts';

/** Why a call is not safe (R3); `undefined` where it is: then `balanced` and `restricted` run it without a question. */
export function whyUnsafe({
  call,
  extraSecrets,
}: Pick<DecisionInput, 'call' | 'extraSecrets'>): string | undefined {
  if (call.effect === 'delegate' && call.delegateSameTeam !== true) return 'it delegates to another team';
  if (call.network) return 'it uses the network';
  if (call.effect === 'workspace') return 'it changes the workspace';
  if (call.effect === 'external') return 'it may act outside the workspace';
  const outside = call.paths.find(({ inside }) => !inside);
  if (outside !== undefined) return `${outside.path} is outside the workspace`;
  const secret = call.paths.find(({ path }) => isSecretPath(path, extraSecrets));
  return secret === undefined ? undefined : `${secret.path} may hold secrets`;
}
