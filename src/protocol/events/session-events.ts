import { z } from 'zod';
import { sessionBoundsSchema } from '../bounds.ts';
import { toolCallSchema, toolDefinitionSchema } from '../message.ts';
import { permissionRulesSchema, safetySchema } from '../permissions.ts';
import { durable } from './declare.ts';

/** The session itself: settings, agents, compaction, titles. */
export const sessionEvents = {
  settings_changed: durable('Mode, rules, model or agent; also the first event of a log.', {
    safety: safetySchema.optional(),
    permissions: permissionRulesSchema.partial().optional(),
    accept_edits: z.boolean().optional(),
    /** Whether the workspace is snapshotted at each turn from here on. */
    snapshots: z.boolean().optional(),
    model: z.string().optional(),
    agent: z.string().optional(),
    model_agent: z.string().optional(),
    /** What of its owner's policy binds the session from here on; empty: none. */
    policy: sessionBoundsSchema.optional(),
    /** The sha256 of the cassette that plays from now on, from its beginning; empty: none plays any more. */
    cassette: z.string().optional(),
    /** The session was taken up again. */
    resumed: z.boolean().optional(),
    by: z.string(),
    request_id: z.string().optional(),
  }),
  session_compaction: durable('Compaction began or ended.', {
    status: z.enum(['started', 'completed', 'failed']),
    reason: z.enum(['threshold', 'overflow', 'manual', 'tool_overflow']).optional(),
  }),
  agent_info: durable('The agent that works now.', {
    model: z.string().optional(),
    description: z.string().optional(),
    welcome_message: z.string().optional(),
  }),
  team_info: durable('The agents of the team.', {
    available_agents: z.array(
      z.looseObject({
        name: z.string(),
        description: z.string().optional(),
        provider: z.string().optional(),
        model: z.string().optional(),
        commands: z.unknown().optional(),
      }),
    ),
    current_agent: z.string(),
  }),
  team_changed: durable('A new version of the team is taken from here on.', {
    team_digest: z.string(),
    changes: z.array(z.string()),
  }),
  skills_changed: durable(
    'The skills that runs have from here on: what is new, changed or gone since the run before.',
    {
      /** Digest of all that is pinned of them, in the contents of the log. */
      catalog: z.string(),
      skills: z.array(
        z.looseObject({ name: z.string(), source: z.string(), place: z.string(), text: z.string() }),
      ),
      changes: z.array(z.string()),
    },
  ),
  agent_switching: durable('Work goes from one agent to another, or comes back.', {
    switching: z.boolean(),
    from_agent: z.string().optional(),
    to_agent: z.string().optional(),
    /** Work that comes back, or the conversation itself. */
    kind: z.enum(['transfer_task', 'handoff']).optional(),
  }),
  toolset_info: durable('How many tools the agent has.', {
    available_tools: z.number(),
    loading: z.boolean(),
    /** Of the tools of MCP servers, by `toolset/tool`: the digest of each definition as it was seen (R16). */
    digests: z.record(z.string(), z.string()).optional(),
  }),
  session_deleted: durable('The session is gone.', {}),
  runner_state: durable('State of the place where tools act.', {
    runner: z.string(),
    state: z.string(),
    detail: z.string().optional(),
  }),
  budget_usage: durable('How much of a budget is used.', {
    budget: z.string().optional(),
    used: z.number().optional(),
    limit: z.number().optional(),
  }),
  budget_exceeded: durable('A budget is used up.', {
    budget: z.string().optional(),
    used: z.number().optional(),
    limit: z.number().optional(),
  }),
  mcp_init_started: durable('MCP servers start.', {}),
  mcp_init_finished: durable('MCP servers are up.', {}),
  rag_indexing_started: durable('An index is being made.', {
    rag_name: z.string(),
    strategy_name: z.string(),
  }),
  rag_indexing_completed: durable('An index is made.', { rag_name: z.string(), strategy_name: z.string() }),
  hooks_pinned: durable(
    'The scripts of hooks that run where tools act, as they are when a run begins (R17).',
    {
      /** Digests by path. */
      scripts: z.record(z.string(), z.string()),
    },
  ),
  hook_started: durable('A hook runs.', {
    hook_event: z.string(),
    invocation_id: z.string().optional(),
    /** From 1; higher where a process was cut off while it ran. */
    attempt: z.number().optional(),
    /** Which hook it is, and whose. */
    hook: z.string().optional(),
    tool_call_id: z.string().optional(),
    /** What this run of the hook is known by after a restart. */
    hook_key: z.string().optional(),
  }),
  hook_finished: durable('A hook ended.', {
    hook_event: z.string(),
    duration_ms: z.number(),
    allowed: z.boolean(),
    error: z.string().optional(),
    message: z.string().optional(),
    invocation_id: z.string().optional(),
    attempt: z.number().optional(),
    hook: z.string().optional(),
    tool_call_id: z.string().optional(),
    hook_key: z.string().optional(),
    /** What it answered; a long answer stands in the log's contents, under `output_digest`. */
    output: z.record(z.string(), z.unknown()).optional(),
    output_digest: z.string().optional(),
    /** It hung, or could not be run: at a guard nothing passes. */
    fatal: z.boolean().optional(),
  }),
  hook_blocked: durable('A hook blocked a call, or stopped a run.', {
    /** Absent: it was no call that was blocked. */
    tool_call: toolCallSchema.optional(),
    tool_definition: toolDefinitionSchema.partial().optional(),
    message: z.string(),
    hook_event: z.string().optional(),
    hook: z.string().optional(),
    /** The run ends with `hook_blocked` once its calls have their results. */
    stops: z.boolean().optional(),
  }),
  hook_context: durable('What hooks add for the model; it stays in the history.', {
    hook_event: z.string(),
    message_id: z.string(),
    context: z.string(),
  }),
} as const;
