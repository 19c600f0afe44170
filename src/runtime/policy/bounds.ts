import { canonicalJson } from '../../protocol/canonical-json.ts';
import type { SessionBounds } from '../../protocol/bounds.ts';
import type { Policy } from '../../protocol/policy.ts';

/** What of a policy goes along in the session's log; empty where nothing in it binds a run. */
export function boundsOf(policy: Policy | undefined): SessionBounds {
  if (policy === undefined) return {};
  const { safety, client_allow, permissions, models, longest_wait_ms, budget, skills, private_networks } =
    policy;
  const hasRules = Object.values(permissions).some((rules) => rules.length > 0);
  return {
    ...(safety === 'autonomous' ? {} : { safety }),
    ...(client_allow.includes('*/*') ? {} : { client_allow: [...client_allow] }),
    ...(hasRules ? { permissions } : {}),
    ...(models.includes('*') ? {} : { models: [...models] }),
    ...(private_networks === false ? { private_networks } : {}),
    ...(longest_wait_ms === undefined ? {} : { longest_wait_ms }),
    ...budget,
    ...(skills.length === 0 ? {} : { skills: [...skills] }),
  };
}

/** What has to be recorded for a session under this policy; undefined where its log says so already. */
export function changedBounds(
  recorded: SessionBounds | undefined,
  policy: Policy | undefined,
): SessionBounds | undefined {
  const bounds = boundsOf(policy);
  return canonicalJson(bounds) === canonicalJson(recorded ?? {}) ? undefined : bounds;
}

/** The smaller of two limits; undefined is none. */
export function smaller(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return Math.min(left, right);
}
