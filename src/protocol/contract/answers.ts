import { z } from 'zod';
import { pendingInteractionSchema } from '../interaction.ts';
import { messageSchema, toolDefinitionSchema } from '../message.ts';
import { permissionRulesSchema, safetySchema } from '../permissions.ts';
import { needsTrustSchema, teamWarningSchema } from '../team.ts';

export const modelInfoSchema = z.looseObject({
  name: z.string(),
  provider: z.string(),
  model: z.string(),
  /** Absent where only the credential helper could say, which is not asked for a list. */
  key_present: z.boolean().optional(),
  /** Where the key comes from, never the key: `environment`, `credential_helper`, `keyring` or `file`. */
  key_origin: z.string().optional(),
  context_limit: z.number().optional(),
  /** US dollars per million tokens; absent when unknown. */
  input_price: z.number().optional(),
  output_price: z.number().optional(),
});

export const agentSummarySchema = z.looseObject({
  name: z.string(),
  description: z.string(),
  model: z.string(),
  tools: z.array(z.string()).optional(),
  sub_agents: z.array(z.string()).optional(),
  handoffs: z.array(z.string()).optional(),
});

export const loadTeamAnswerSchema = z.looseObject({
  team_digest: z.string(),
  trusted: z.boolean(),
  agent_names: z.array(z.string()),
  default_agent: z.string(),
  agents: z.array(agentSummarySchema),
  models: z.array(modelInfoSchema),
  toolsets: z.array(
    z.looseObject({ agent: z.string(), type: z.string(), name: z.string(), tools: z.array(z.string()) }),
  ),
  warnings: z.array(teamWarningSchema),
  unsupported: z.array(z.looseObject({ key: z.string(), feature: z.string() })),
  needs_trust: needsTrustSchema.optional(),
});

export const usageTotalsSchema = z.looseObject({
  input_tokens: z.number(),
  output_tokens: z.number(),
  /** US dollars; what is known of it. */
  cost: z.number(),
  context_length: z.number().optional(),
  context_limit: z.number().optional(),
});

const spentSchema = z.looseObject({
  calls: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  /** Read from a cache and written to one; not part of `input_tokens`. */
  cached_tokens: z.number(),
  cost: z.number(),
  /** False: of some of it the price is not known. */
  price_known: z.boolean(),
});

/** Where tokens and cost of a session's whole tree went. */
export const usageAnswerSchema = usageTotalsSchema.extend({
  as_of: z.number(),
  price_known: z.boolean(),
  models: z.array(spentSchema.extend({ model: z.string() })),
  /** `sub`: what the agent used as a sub-agent of others. */
  agents: z.array(spentSchema.extend({ agent_name: z.string(), sub: z.boolean() })),
  /** Turns of the root conversation, their sub-agents and compactions included; turn 0 is what belongs to none, e.g. a title. */
  turns: z.array(
    spentSchema.extend({
      turn: z.number(),
      agent_name: z.string().optional(),
      model: z.string().optional(),
      message_id: z.string().optional(),
      started_at: z.string().optional(),
      duration_ms: z.number().optional(),
    }),
  ),
});
export type UsageAnswer = z.infer<typeof usageAnswerSchema>;

export const sessionStateSchema = z.enum(['idle', 'running', 'waiting', 'interrupted']);
export type SessionState = z.infer<typeof sessionStateSchema>;

export const sessionSummarySchema = z.looseObject({
  session_id: z.string(),
  title: z.string(),
  state: sessionStateSchema,
  agent_name: z.string(),
  working_dir: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  starred: z.boolean(),
  num_messages: z.number(),
  first_message: z.string(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cost: z.number(),
  active_run: z.string().optional(),
  as_of: z.number(),
});
export type SessionSummary = z.infer<typeof sessionSummarySchema>;

/** A session that a search found, and where. */
export const foundSessionSchema = sessionSummarySchema.extend({
  match: z.looseObject({
    where: z.enum(['title', 'user', 'assistant', 'tool', 'shell']),
    /** Of the event; absent for a title. */
    seq: z.number().optional(),
    session_id: z.string().optional(),
    message_id: z.string().optional(),
    /** One line of the text; `marks` are pairs of start and end of what was looked for. */
    snippet: z.string(),
    marks: z.array(z.tuple([z.number(), z.number()])),
    /** How many texts of the session match. */
    count: z.number(),
  }),
});
export type FoundSession = z.infer<typeof foundSessionSchema>;

export const queueSchema = z.looseObject({
  steer: z.looseObject({ depth: z.number(), capacity: z.number() }),
  followup: z.looseObject({ depth: z.number(), capacity: z.number() }),
});

export const permissionsAnswerSchema = z.looseObject({
  safety: safetySchema,
  accept_edits: z.boolean(),
  layers: z.array(z.looseObject({ layer: z.string(), trusted: z.boolean(), rules: permissionRulesSchema })),
});

/** A session as one reads it on opening: all from one point of the log (R36). */
export const openSessionAnswerSchema = z.looseObject({
  session: sessionSummarySchema,
  team: z.looseObject({
    digest: z.string(),
    name: z.string(),
    agent_names: z.array(z.string()),
    default_agent: z.string(),
  }),
  agent: agentSummarySchema,
  active_run: z.looseObject({ run_id: z.string(), pid: z.number().optional(), here: z.boolean() }).optional(),
  pending_interactions: z.array(pendingInteractionSchema),
  queue: queueSchema,
  usage: usageTotalsSchema,
  permissions: permissionsAnswerSchema,
  safety: safetySchema,
  paused: z.boolean(),
  withheld: z.array(z.string()).optional(),
  as_of: z.number(),
});
export type OpenSessionAnswer = z.infer<typeof openSessionAnswerSchema>;

export const createSessionAnswerSchema = openSessionAnswerSchema.extend({
  session_id: z.string(),
  /** What recovery found to do; absent where nothing was cut. */
  recovered: z.looseObject({ run_id: z.string(), after: z.number() }).optional(),
  warnings: z.array(teamWarningSchema).optional(),
});
export type CreateSessionAnswer = z.infer<typeof createSessionAnswerSchema>;

export const transcriptAnswerSchema = z.looseObject({
  messages: z.array(messageSchema.loose()),
  /** What was taken back, after how many of the root session's messages; where nothing was, absent. */
  changes: z
    .array(
      z.looseObject({
        kind: z.string(),
        at: z.number(),
        removed: z.number(),
        files: z.number(),
        by: z.string(),
        timestamp: z.string(),
      }),
    )
    .optional(),
  /** What the model gets instead of the messages before `first_kept_message`, after a compaction. */
  summary: z.looseObject({ text: z.string(), first_kept_message: z.string().optional() }).optional(),
  as_of: z.number(),
});

export const toolsAnswerSchema = z.looseObject({ tools: z.array(toolDefinitionSchema), as_of: z.number() });

export const doctorCheckSchema = z.looseObject({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'missing', 'failed']),
  detail: z.string(),
});

export const capabilitiesSchema = z.looseObject({
  protocol: z.string(),
  server: z.string(),
  features: z.array(z.string()),
  scopes: z.array(z.string()),
  limits: z.record(z.string(), z.number()),
});
export type Capabilities = z.infer<typeof capabilitiesSchema>;

export const runSummarySchema = z.looseObject({
  run_id: z.string(),
  session_id: z.string(),
  agent_name: z.string().optional(),
  pid: z.number().optional(),
});
