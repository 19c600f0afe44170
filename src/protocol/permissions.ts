import { z } from 'zod';

/**
 * Permission patterns of one layer (reference/docker-agent.md 5.4): `tool`, `toolset/tool` or either with
 * `:argument=glob`. The patterns are checked where they are read, not here.
 */
export const permissionRulesSchema = z.strictObject({
  allow: z.array(z.string()).default([]),
  ask: z.array(z.string()).default([]),
  deny: z.array(z.string()).default([]),
});
export type PermissionRules = z.infer<typeof permissionRulesSchema>;

/**
 * Safety mode (DESIGN.md section 6): `strict` asks for everything, `balanced` runs what is safe and asks for the
 * rest, `restricted` runs what is safe and refuses the rest, `autonomous` turns asks of rules and mode into allows.
 */
export const SAFETY_MODES = ['strict', 'balanced', 'restricted', 'autonomous'] as const;
export const safetySchema = z.enum(SAFETY_MODES);
export type Safety = z.infer<typeof safetySchema>;

/** The mode of a run that names none. */
export const DEFAULT_SAFETY: Safety = 'balanced';

/**
 * `restricted` stands above `strict`: under `strict` a person's yes can let anything happen, under `restricted`
 * nothing that is not safe happens at all. So a ceiling of `restricted` cannot be left by asking for `strict`.
 */
const SAFETY_RANK = {
  autonomous: 0,
  balanced: 1,
  strict: 2,
  restricted: 3,
} as const satisfies Record<Safety, number>;

/** The mode under which less can happen; used for team and agent, ceiling and request, resume and flags. */
export function stricterSafety(left: Safety, right: Safety): Safety {
  return SAFETY_RANK[left] >= SAFETY_RANK[right] ? left : right;
}

/** What a tool call changes (R3); never derived from `parallel` or `recovery`. */
export const effectSchema = z.enum(['none', 'session', 'workspace', 'external', 'delegate']);
export type Effect = z.infer<typeof effectSchema>;

/** What happens with a started call that has no result after a crash (R3). */
export const recoverySchema = z.enum(['rerun', 'resume', 'unknown']);
export type Recovery = z.infer<typeof recoverySchema>;

/** Whether a question that nobody can answer waits or is refused (R8). */
export const unattendedSchema = z.enum(['wait', 'refuse']);
export type Unattended = z.infer<typeof unattendedSchema>;

export const decisionVerdictSchema = z.enum(['allow', 'ask', 'deny']);
export type DecisionVerdict = z.infer<typeof decisionVerdictSchema>;

/** Layers in the order in which the first with a match decides (R8). */
export const PERMISSION_LAYERS = ['policy', 'session', 'user', 'project', 'team'] as const;
export const permissionLayerSchema = z.enum(PERMISSION_LAYERS);
export type PermissionLayer = z.infer<typeof permissionLayerSchema>;

/** A rule that an answer would make, shown before the answer is given (R25). */
export const ruleOfferSchema = z.object({
  kind: z.enum(['approve_tool', 'folder', 'session']),
  /** The pattern that is added, or for `session` the words that name the grant. */
  rule: z.string(),
  /** What a person reads: what will be allowed from now on. */
  text: z.string(),
});
export type RuleOffer = z.infer<typeof ruleOfferSchema>;
