import { YonderError } from '../../protocol/errors.ts';
import type { Policy } from '../../protocol/policy.ts';

export interface Refusal {
  /** The key of the policy, e.g. `folders.allowed`. */
  key: string;
  /** What was asked for, as the beginning of a sentence. */
  asked: string;
  /** What may be asked for instead. */
  allowed: readonly string[];
  /** Default `forbidden`. */
  code?: 'forbidden' | 'path_escape' | 'untrusted_team' | 'payload_too_large';
}

/** The one shape of a refusal by a policy: what was asked, by which key it is refused, what is allowed (R10). */
export function forbid(policy: Pick<Policy, 'where'>, refusal: Refusal): YonderError {
  const { key, asked, allowed, code = 'forbidden' } = refusal;
  const instead = allowed.length === 0 ? 'nothing' : allowed.join(', ');
  return new YonderError(code, `${asked}: ${policy.where} forbids it (${key}); allowed is ${instead}`, {
    details: { policy_key: key, asked, allowed: [...allowed] },
  });
}
