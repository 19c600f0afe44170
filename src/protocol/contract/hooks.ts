import { z } from 'zod';

/** What runs at an event (reference/docker-agent.md 5.7); `command` is the default type. */
export const hookSchema = z.strictObject({
  name: z.string().optional(),
  type: z.enum(['command', 'builtin', 'model']).optional(),
  command: z.string().optional(),
  args: z.array(z.string()).optional(),
  /** Seconds; 60 when absent. */
  timeout: z.number().positive().optional(),
  env: z.record(z.string(), z.string()).optional(),
  working_dir: z.string().optional(),
  on_error: z.enum(['warn', 'ignore', 'block']).optional(),
  model: z.string().optional(),
  prompt: z.string().optional(),
  schema: z.enum(['', 'pre_tool_use_decision']).optional(),
});

/** `matcher` is a regular expression over the whole tool name; `*`, empty or absent is all. */
const matchedHooks = z
  .array(z.strictObject({ matcher: z.string().optional(), hooks: z.array(hookSchema) }))
  .optional();
const hooks = z.array(hookSchema).optional();

/** Hooks by event, in the form of a team file; a misspelt event is an unknown field. */
export const hooksSchema = z.strictObject({
  pre_tool_use: matchedHooks,
  post_tool_use: matchedHooks,
  permission_request: matchedHooks,
  tool_response_transform: matchedHooks,
  session_start: hooks,
  user_prompt_submit: hooks,
  turn_start: hooks,
  turn_end: hooks,
  before_llm_call: hooks,
  after_llm_call: hooks,
  session_end: hooks,
  pre_compact: hooks,
  before_compaction: hooks,
  after_compaction: hooks,
  subagent_stop: hooks,
  on_user_input: hooks,
  stop: hooks,
  notification: hooks,
  on_error: hooks,
  on_max_iterations: hooks,
  on_agent_switch: hooks,
  on_session_resume: hooks,
  on_tool_approval_decision: hooks,
});

export type HookDefinition = z.infer<typeof hookSchema>;
/** Hooks by event, as a team, a configuration or a request says them. */
export type HooksConfig = z.infer<typeof hooksSchema>;
export type HookEvent = keyof HooksConfig;
export const HOOK_EVENTS = Object.keys(hooksSchema.shape) as HookEvent[];

/** Hooks that are part of this program; `later` says of one that it is not built yet. */
export const BUILTIN_HOOKS: Readonly<Record<string, { later?: true }>> = {
  add_date: {},
  add_environment_info: {},
  add_prompt_files: {},
  add_git_status: {},
  add_git_diff: {},
  add_directory_listing: {},
  add_user_info: {},
  add_recent_commits: {},
  max_iterations: {},
  redact_secrets: {},
  http_post: {},
  snapshot: {},
  unload: { later: true },
  cache_response: { later: true },
};
