import { z } from 'zod';
import { permissionRulesSchema, safetySchema, unattendedSchema } from '../permissions.ts';
import { runnerDestinationSchema } from '../runner.ts';
import { teamSourceSchema, trustAnswerSchema } from '../team.ts';
import { hooksSchema } from './hooks.ts';

/**
 * An id that a person gives a session: words of letters and digits with `-`, `_` or `.` between them, e.g. `review-2026`. Ids that we
 * make have none of these, so that such a word is never the beginning of one.
 */
export const EXPLICIT_SESSION_ID = /^(?=.{3,64}$)[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)+$/;

/** A `seq` of a log; in a GET it is text. */
export const cursorSchema = z.union(
  [
    z.number().int().min(0),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ],
  { error: 'must be the number of an event, or 0' },
);

/** A boolean; in a GET it is text. */
export const flagSchema = z.union(
  [z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')],
  { error: 'must be true or false' },
);

const inputFileSchema = z.strictObject({
  type: z.literal('file'),
  upload_id: z.string(),
  name: z.string(),
  media_type: z.string(),
});
export type InputFile = z.infer<typeof inputFileSchema>;

/** A message on its way in; files are uploads (R17). */
export const inputMessageSchema = z.strictObject({
  role: z.literal('user').default('user'),
  content: z.string(),
  parts: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('text'), text: z.string() }),
        inputFileSchema,
      ]),
    )
    .optional(),
});
export type InputMessage = z.infer<typeof inputMessageSchema>;

export const cassetteSchema = z.strictObject({
  mode: z.enum(['replay', 'record']),
  /** The cassette to replay, by `upload/create`. */
  upload_id: z.string().optional(),
  match: z.enum(['body', 'order']).optional(),
  /** Delay between replayed SSE chunks in milliseconds. */
  stream_ms: z.number().int().min(0).max(10_000).optional(),
});

/** What else shapes a run beside the team (WIRE.md). */
export const runtimeConfigSchema = z.strictObject({
  models_gateway: z.string().optional(),
  default_model: z.string().optional(),
  /** Values kept in memory only; names that policy allows. */
  env: z.record(z.string(), z.string()).optional(),
  code_mode_tools: z.boolean().optional(),
  hooks: hooksSchema.optional(),
  pass_env: z.array(z.string()).optional(),
  /** Ends a run with `timeout` after so many milliseconds. */
  timeout_ms: z.number().int().positive().optional(),
  add_dirs: z.array(z.string()).optional(),
  read_dirs: z.array(z.string()).optional(),
  accept_edits: z.boolean().optional(),
  /** Background jobs go on when the process that owns the session ends. */
  keep_jobs: z.boolean().optional(),
  /** Turns snapshots off in a session that is resumed. */
  no_snapshots: z.boolean().optional(),
  cassette: cassetteSchema.optional(),
});
export type RuntimeConfig = z.infer<typeof runtimeConfigSchema>;

export const promptFileSchema = z.strictObject({ name: z.string(), upload_id: z.string() });
export const budgetSchema = z.strictObject({
  max_cost: z.number().positive().optional(),
  max_tokens: z.number().int().positive().optional(),
  max_time_ms: z.number().int().positive().optional(),
});

export const loadTeamRequestSchema = z.strictObject({
  source: teamSourceSchema.optional(),
  trust: trustAnswerSchema.optional(),
  runtime_config: runtimeConfigSchema.optional(),
  model_overrides: z.array(z.string()).optional(),
  prompt_files: z.array(promptFileSchema).optional(),
});
export type LoadTeamRequest = z.input<typeof loadTeamRequestSchema>;

const rules = permissionRulesSchema.partial();

/** The seed's three booleans are always sent, false too, and may be absent on receipt (WIRE.md). */
export const createSessionRequestSchema = z.strictObject({
  source: teamSourceSchema.optional(),
  team_digest: z.string().optional(),
  trust: trustAnswerSchema.optional(),
  runtime_config: runtimeConfigSchema.optional(),
  agent_name: z.string().optional(),
  tools_approved: z.boolean().default(false),
  hide_tool_results: z.boolean().default(false),
  session_db: z.string().optional(),
  /** The id of the new session, where the person gives it one; `conflict` where it is taken. */
  session_id: z
    .string()
    .regex(EXPLICIT_SESSION_ID, { error: 'must be words of letters and digits with - _ or . between them' })
    .optional(),
  resume_session_id: z.string().optional(),
  /** On resume `false` leaves it as it was; `runtime_config.no_snapshots` turns it off. */
  snapshots_enabled: z.boolean().default(false),
  working_dir: z.string().optional(),
  model_overrides: z.array(z.string()).optional(),
  prompt_files: z.array(promptFileSchema).optional(),
  /** Files that the first messages will bring: `unsupported` where the agent's model takes one of them not, and no session begins. */
  first_files: z.array(inputFileSchema).optional(),
  permissions: rules.optional(),
  user_permissions: rules.optional(),
  project_permissions: rules.optional(),
  /** Hooks of the person's own configuration (R8); they run where the session is driven, as policy allows. */
  user_hooks: hooksSchema.optional(),
  /** Those of the project's configuration: they run only where `project_trusted` says yes (R4, R8). */
  project_hooks: hooksSchema.optional(),
  /** The person agreed to the project's allow rules and hooks, and the client says so; without it they do not count (R4, R8). */
  project_trusted: z.boolean().optional(),
  /** A mode that the project asks for: it counts where no mode was said for the session, and only as far as it is stricter than the team's. */
  project_safety: safetySchema.optional(),
  safety: safetySchema.optional(),
  unattended: unattendedSchema.optional(),
  max_iterations: z.number().int().min(0).optional(),
  budget: budgetSchema.optional(),
  title: z.string().optional(),
  runner: runnerDestinationSchema.optional(),
});
export type CreateSessionRequest = z.input<typeof createSessionRequestSchema>;
export type AcceptedSession = z.output<typeof createSessionRequestSchema>;
