import { z } from 'zod';
import { hooksSchema } from './contract/hooks.ts';
import { permissionRulesSchema, safetySchema } from './permissions.ts';
import { MODEL_APIS } from './providers.ts';

/**
 * The resolved team: what a team file means once it is read, checked and joined with its overrides (R24). Plain JSON, so that
 * a session can pin it by the digest of its canonical text (R22). Only what counts is in it: of an untrusted team the allow rules, trust marks and
 * weaker safety modes are already gone (R4).
 */

/** `0` for a plain number of tokens is allowed; `adaptive/<level>` leaves the amount to the model. */
export const THINKING_LEVELS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export const thinkingBudgetSchema = z.union([
  z.number().int(),
  z.enum([...THINKING_LEVELS, 'adaptive']),
  z.templateLiteral(['adaptive/', z.enum(THINKING_LEVELS)]),
]);
export type ThinkingBudget = z.infer<typeof thinkingBudgetSchema>;

const apiSchema = z.enum(MODEL_APIS);

export const resolvedModelSchema = z.object({
  /** The name under which agents refer to it; for an inline model its `provider/model`. */
  name: z.string(),
  /** A built-in provider's id (providers.ts), or `auto`. */
  provider: z.string(),
  /** The team's own name of the provider, where it declares one under `providers`. */
  provider_name: z.string().optional(),
  /** The id that goes to the provider; `auto` for `auto`. */
  model: z.string(),
  api: apiSchema,
  /** Absent: the provider's own. */
  base_url: z.string().optional(),
  /** Name of the environment variable with the key. Absent: the provider's own. */
  token_key: z.string().optional(),
  temperature: z.number().optional(),
  max_tokens: z.number().int().optional(),
  top_p: z.number().optional(),
  frequency_penalty: z.number().optional(),
  presence_penalty: z.number().optional(),
  parallel_tool_calls: z.boolean().optional(),
  thinking_budget: thinkingBudgetSchema.optional(),
  provider_opts: z.record(z.string(), z.unknown()).optional(),
  track_usage: z.boolean().optional(),
  /** The first provider with a key, decided when the run begins. */
  auto: z.literal(true).optional(),
});
export type ResolvedModel = z.infer<typeof resolvedModelSchema>;

/** What a provider that the team declares gives to each of its models. */
export const resolvedProviderSchema = resolvedModelSchema
  .omit({ name: true, model: true, provider_name: true, auto: true })
  // Absent where the model's id decides, as with `openai` itself.
  .extend({ api: apiSchema.optional() });
export type ResolvedProvider = z.infer<typeof resolvedProviderSchema>;

export const resolvedToolsetSchema = z.object({
  type: z.string(),
  name: z.string().optional(),
  /** Allow-list of tool names; absent means all. */
  tools: z.array(z.string()).optional(),
  /** May hold `{ORIGINAL_INSTRUCTIONS}`. */
  instruction: z.string().optional(),
  /** Whether the hints of an MCP server are believed (R3); never true in an untrusted team. */
  trusted: z.boolean().optional(),
  /** The options of its type, e.g. `ignore_vcs`, `env`. `${env.X}` in them is expanded when used, not here. */
  options: z.record(z.string(), z.unknown()),
  /** Where it stands in its file, from 1, for messages; not part of the team's digest. */
  line: z.number().int().optional(),
});
export type ResolvedToolset = z.infer<typeof resolvedToolsetSchema>;

export const resolvedCommandSchema = z.object({
  description: z.string().optional(),
  instruction: z.string(),
});
export type ResolvedCommand = z.infer<typeof resolvedCommandSchema>;

/** Which skills an agent may use. */
export const resolvedSkillsSchema = z.object({
  /** Those of the workspace and of the user. */
  local: z.boolean(),
  /** Folders beside the team's file. */
  folders: z.array(z.string()),
  /** Only these of them; absent: all. */
  names: z.array(z.string()).optional(),
});

export const resolvedAgentSchema = z.object({
  name: z.string(),
  description: z.string(),
  instruction: z.string(),
  welcome_message: z.string().optional(),
  /** Keys of the team's models, at least one; several are an alloy, drawn anew each turn. */
  models: z.array(z.string()).min(1),
  /** Who answers when its model fails. */
  fallback: z
    .object({
      /** Keys of the team's models, in order. */
      models: z.array(z.string()).min(1),
      /** How often each model is tried again. */
      retries: z.number().int().min(0),
      /** How long a model that failed for good is left alone. */
      cooldown_ms: z.number().int().min(0),
    })
    .optional(),
  sub_agents: z.array(z.string()),
  handoffs: z.array(z.string()),
  toolsets: z.array(resolvedToolsetSchema),
  add_date: z.boolean(),
  add_environment_info: z.boolean(),
  /** Keys and secrets are taken out of messages, arguments and results, of every agent below it too (R5). */
  redact_secrets: z.boolean().optional(),
  /** Names looked for from the working folder upwards to the workspace's root, each turn. */
  add_prompt_files: z.array(z.string()),
  /** Model calls in one run; 0 is without a limit. */
  max_iterations: z.number().int().min(0),
  /** Equal batches of tool calls after which the run ends; never 0, an absent one is 5. */
  max_consecutive_tool_calls: z.number().int().min(1),
  /** Estimated tokens of old tool results that are kept whole; -1 keeps all, an absent one is 40,000. */
  max_old_tool_call_tokens: z.number().int().min(-1),
  /** Messages of the history that the model gets; 0 is all. */
  num_history_items: z.number().int().min(0),
  /** The stricter of this and the team's counts. */
  safety: safetySchema.optional(),
  commands: z.record(z.string(), resolvedCommandSchema).optional(),
  /** What runs at certain moments; of a trusted team alone. Timeouts in seconds. */
  hooks: hooksSchema.optional(),
  /** Absent: it has none. */
  skills: resolvedSkillsSchema.optional(),
});
export type ResolvedAgent = z.infer<typeof resolvedAgentSchema>;

/** A prompt file that the client sent along, its text pinned with the team (R17, R22). */
export const promptFileSchema = z.object({ name: z.string(), text: z.string() });
export type PromptFile = z.infer<typeof promptFileSchema>;

export const resolvedTeamSchema = z.object({
  /** The built-in's name, or the file's name without its ending. */
  name: z.string(),
  /** Of the schema; `9` is the latest. */
  version: z.string(),
  default_agent: z.string(),
  /** In the order of the file. */
  agents: z.array(resolvedAgentSchema).min(1),
  models: z.record(z.string(), resolvedModelSchema),
  /** The team's own, by name, for models that are named later on; absent where it declares none. */
  providers: z.record(z.string(), resolvedProviderSchema).optional(),
  permissions: permissionRulesSchema,
  /** POSIX paths that tools may read beside the workspace; relative ones are meant from the workspace. */
  read_roots: z.array(z.string()),
  safety: safetySchema.optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  /** Filled by the Host from the request; a team file never sets it. */
  prompt_files: z.array(promptFileSchema),
  /** What a client sent of the files that agents name; each counts where the workspace has none. */
  named_files: z.record(z.string(), z.string()).optional(),
  /** Files of the skills that the team brings, by path beside its file. */
  skill_files: z.record(z.string(), z.string()).optional(),
  trusted: z.boolean(),
});
export type ResolvedTeam = z.infer<typeof resolvedTeamSchema>;

/** Where a team comes from (WIRE.md section 1). */
export const teamSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('served'), name: z.string() }),
  z.strictObject({ kind: z.literal('inline'), entry: z.string(), files: z.record(z.string(), z.string()) }),
  z.strictObject({ kind: z.literal('url'), url: z.string() }),
  z.strictObject({ kind: z.literal('builtin'), name: z.string() }),
  z.strictObject({ kind: z.literal('path'), path: z.string() }),
]);
export type TeamSource = z.infer<typeof teamSourceSchema>;

/** The yes to a list of `needs_trust`, by its digest (R4). */
export const trustAnswerSchema = z.strictObject({ digest: z.string() });
export type TrustAnswer = z.infer<typeof trustAnswerSchema>;

export const trustItemSchema = z.object({
  kind: z.string(),
  /** The path of keys in the team, e.g. `models.fast.base_url`; no line, so that an edit elsewhere needs no new yes. */
  where: z.string(),
  /** What a person reads. */
  text: z.string(),
  /** It would execute or disclose something, so the run is held; the others are only ignored until the yes. */
  blocks: z.boolean(),
});
export type TrustItem = z.infer<typeof trustItemSchema>;

export const needsTrustSchema = z.object({ digest: z.string(), items: z.array(trustItemSchema) });
export type NeedsTrust = z.infer<typeof needsTrustSchema>;

/** Line and column count from 1. */
export const teamPlaceSchema = z.object({
  file: z.string(),
  line: z.number().int(),
  column: z.number().int(),
});
export type TeamPlace = z.infer<typeof teamPlaceSchema>;

export const teamWarningSchema = z.object({ where: teamPlaceSchema, message: z.string() });
export type TeamWarning = z.infer<typeof teamWarningSchema>;

/** A key that is known but not built yet: a warning in a dry run, `unsupported` before the first effect of a run. */
export const unsupportedItemSchema = z.object({
  /** The path of keys in the team. */
  key: z.string(),
  feature: z.string(),
  where: teamPlaceSchema,
});
export type UnsupportedItem = z.infer<typeof unsupportedItemSchema>;
