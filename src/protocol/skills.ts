import { z } from 'zod';

/** Where a skill comes from, in the order in which the first of one name wins. */
export const SKILL_SOURCES = ['team', 'workspace', 'user'] as const;
export type SkillSource = (typeof SKILL_SOURCES)[number];

/** Begins what stands in the place of a file of a team's skill that could not go along; why follows. */
export const LEFT_BEHIND = '\u0000';

/** What a run is told by a skill. */
export const runSkillSchema = z.object({
  name: z.string(),
  /** As its SKILL.md says it; absent: nothing is narrowed. */
  allowed_tools: z.array(z.string()).optional(),
  /** Digest of the text that stands in the place of the agent's instruction; absent where a person read the skill into a conversation. */
  instruction: z.string().optional(),
});
export type RunSkill = z.infer<typeof runSkillSchema>;

/** A skill as a person is shown it. */
export const skillInfoSchema = z.looseObject({
  name: z.string(),
  description: z.string(),
  source: z.string(),
  /** Where its SKILL.md is. */
  place: z.string(),
  /** It is run as a sub-agent. */
  fork: z.boolean(),
  allowed_tools: z.array(z.string()).optional(),
  /** A person may invoke it as `/name`. */
  for_person: z.boolean(),
  for_model: z.boolean(),
  files: z.array(z.string()),
});
