import { z } from 'zod';
import { errorCodes } from '../error-body.ts';
import { interactionKindSchema } from '../interaction.ts';
import {
  contentPartSchema,
  messageSchema,
  toolCallSchema,
  toolDefinitionSchema,
  usageSchema,
} from '../message.ts';
import { permissionRulesSchema, ruleOfferSchema, safetySchema } from '../permissions.ts';
import { durable } from './declare.ts';
import { openedSnapshotSchema } from './history-events.ts';

export const stopReasonSchema = z.enum([
  'normal',
  'continue',
  'steered',
  'error',
  'canceled',
  'hook_blocked',
  'loop_detected',
  'max_iterations',
  'budget_exceeded',
  'recovery_exhausted',
]);
export type StopReason = z.infer<typeof stopReasonSchema>;

const heldBy = z.enum(['step', 'connection']);
/** The peer's media carry their data; ours are blobs. */
const anyParts = z.array(z.looseObject({}));
const queuedMessage = z.object({ input_id: z.string(), content: z.string() });

/** The run, its messages and its end. */
export const runEvents = {
  user_message: durable(
    'A person (or a steer, a follow-up, a parent agent) said something.',
    {
      message: z.string(),
      multi_content: z.array(contentPartSchema).optional(),
      session_position: z.number().default(-1),
      message_id: z.string().optional(),
      input_id: z.string().optional(),
      by: z.string().optional(),
      source: z.enum(['run', 'steer', 'follow_up', 'delegate', 'command']).optional(),
    },
    { multi_content: anyParts.optional() },
  ),
  stream_started: durable('A run began.', {
    max_iterations: z.number().optional(),
    unattended: z.enum(['wait', 'refuse']).optional(),
  }),
  stream_stopped: durable(
    'A run ended; exactly one per run.',
    {
      reason: stopReasonSchema,
      undelivered: z.array(queuedMessage).default([]),
      refused: z.number().default(0),
    },
    { reason: z.string() },
  ),
  message_added: durable('A message of the transcript is whole.', {
    message: messageSchema.optional(),
    played: z.array(z.number()).optional(),
  }),
  error: durable(
    'Something failed; `code` is one of the error table.',
    {
      error: z.string(),
      code: z.enum(errorCodes).optional(),
      played: z.array(z.number()).optional(),
      retryable: z.boolean().optional(),
      details: z.record(z.string(), z.unknown()).optional(),
    },
    { code: z.string().optional() },
  ),
  warning: durable('Something a person should know that stops nothing.', {
    message: z.string(),
    played: z.array(z.number()).optional(),
  }),
  token_usage: durable('Tokens and cost so far, and of the last message.', {
    usage: z.looseObject({
      input_tokens: z.number(),
      output_tokens: z.number(),
      context_length: z.number(),
      context_limit: z.number(),
      cost: z.number(),
      last_message: z.looseObject({}).optional(),
    }),
  }),
  model_call: durable('A model call is about to be made: what it was folded from (R22).', {
    model: z.string(),
    turn: z.number(),
    attempt: z.number(),
    message_id: z.string().optional(),
    purpose: z.enum(['turn', 'compaction', 'title', 'sample']).optional(),
    folded_seq: z.number().optional(),
    left_out: z.array(z.string()).optional(),
    system: z.array(z.string()).optional(),
    tools: z.string().optional(),
    played: z.array(z.number()).optional(),
  }),
  model_fallback: durable('Another model answers in place of the first.', {
    failed_model: z.string(),
    fallback_model: z.string(),
    reason: z.string(),
    attempt: z.number(),
    max_attempts: z.number(),
    /** The model that should have answered; another than `failed_model` where a fallback failed too. */
    primary_model: z.string().optional(),
    /** How long the primary is left alone once a fallback has answered; absent where its failure was a passing one. */
    cooldown_ms: z.number().optional(),
    played: z.array(z.number()).optional(),
  }),
  run_recovered: durable('A cut run goes on.', {
    at_seq: z.number(),
    attempt: z.number(),
    redone: z.array(z.string()).default([]),
    unknown_effects: z.array(z.string()).default([]),
    lost_toolsets: z.array(z.string()).default([]),
    /** What who resumed it said about questions that nobody can answer; absent: as the run began. */
    unattended: z.enum(['wait', 'refuse']).optional(),
  }),
  runtime_paused: durable('The run holds at its next boundary, or goes on.', {
    paused: z.boolean(),
    by: z.string().optional(),
  }),
  max_iterations_reached: durable('The run asks whether to go on.', {
    max_iterations: z.number(),
    request_id: z.string().optional(),
    held_by: heldBy.optional(),
  }),
  input_taken: durable('A row of the inbox was taken by a run or by the session.', {
    input_id: z.string(),
    kind: z.string(),
    by: z.string(),
    /** An interrupt that ends the background jobs too. */
    include_background: z.boolean().optional(),
    /** Why nothing was done about it. */
    refused: z
      .object({
        code: z.enum(errorCodes),
        message: z.string(),
        details: z.record(z.string(), z.unknown()).optional(),
      })
      .optional(),
    /** What a compaction was asked to keep in view. */
    instruction: z.string().optional(),
    /** The line that a person runs themself. */
    command: z.string().optional(),
    /** A team's command, and what was typed behind it. */
    name: z.string().optional(),
    arguments: z.array(z.string()).optional(),
  }),
  sub_session_completed: durable('A sub-agent is done: ids, usage and the answer (R9).', {
    parent_session_id: z.string(),
    sub_session_id: z.string().optional(),
    answer: z.string().optional(),
    usage: usageSchema.partial().optional(),
  }),
} as const;

/** Tool calls and the questions about them. */
export const toolEvents = {
  tool_call: durable('The model asked for a tool, or a command of the team or another tool did.', {
    tool_call: toolCallSchema,
    tool_definition: toolDefinitionSchema.partial().optional(),
    index: z.number().optional(),
    turn: z.number().optional(),
    /** Of a command that a person invoked (R32), or of another tool (R24); absent: of the model. */
    source: z.enum(['command', 'tool']).optional(),
    /** The call whose tool asked for this one. */
    caller: z.string().optional(),
  }),
  tool_call_confirmation: durable('A person is asked about a call.', {
    tool_call: toolCallSchema,
    tool_definition: toolDefinitionSchema.partial().optional(),
    request_id: z.string().optional(),
    held_by: heldBy.optional(),
    rule_offers: z.array(ruleOfferSchema).optional(),
    preview: z.string().optional(),
    commands: z.array(z.string()).optional(),
    reason: z.string().optional(),
    required: z.boolean().optional(),
    arguments_digest: z.string().optional(),
  }),
  tool_call_decision: durable('What was decided about a call, and by which rule.', {
    tool_call_id: z.string(),
    decision: z.enum(['allow', 'ask', 'deny']),
    source: z.string(),
    /** Whose call it is, where it is not the model's. */
    call_source: z.enum(['command', 'tool']).optional(),
    /** The call whose tool asked for this one. */
    caller: z.string().optional(),
    rule: z.string().optional(),
    layer: z.string().optional(),
    reason: z.string().optional(),
  }),
  tool_call_started: durable('A call has begun to act.', {
    tool_call_id: z.string(),
    command_id: z.string().optional(),
    child: z.object({ session_id: z.string(), run_id: z.string() }).optional(),
    snapshot: openedSnapshotSchema.optional(),
  }),
  tool_call_response: durable(
    'The result of a call, as the model reads it.',
    {
      tool_call_id: z.string(),
      tool_definition: toolDefinitionSchema.partial().optional(),
      response: z.string(),
      index: z.number().optional(),
      duration_ms: z.number().optional(),
      outcome: z
        .enum(['done', 'refused', 'rejected', 'denied', 'cancelled', 'not_started', 'unknown', 'invalid'])
        .optional(),
      state: z.record(z.string(), z.unknown()).optional(),
      /** What the call wrote into the state of the whole tree, by toolset and key. */
      shared_state: z.record(z.string(), z.unknown()).optional(),
      result: z
        .looseObject({
          output: z.string(),
          isError: z.boolean().optional(),
          images: z.array(contentPartSchema).optional(),
        })
        .optional(),
    },
    {
      result: z
        .looseObject({ output: z.string(), isError: z.boolean().optional(), images: anyParts.optional() })
        .optional(),
    },
  ),
  interaction_resolved: durable('A question is answered, expired or canceled.', {
    request_id: z.string(),
    kind: interactionKindSchema,
    outcome: z.enum(['answered', 'expired', 'canceled']),
    answer: z.looseObject({ decision: z.string() }).optional(),
    by: z.string().optional(),
    reason: z.string().optional(),
  }),
  elicitation_request: durable('A form or a link waits for a person.', {
    message: z.string(),
    mode: z.string().optional(),
    schema: z.unknown().optional(),
    url: z.string().optional(),
    elicitation_id: z.string().optional(),
    meta: z.unknown().optional(),
    title: z.string().optional(),
    tool_call_id: z.string().optional(),
    request_id: z.string().optional(),
    held_by: heldBy.optional(),
  }),
  authorization_event: durable('An OAuth flow waits for a person.', {
    confirmation: z.string().optional(),
    request_id: z.string().optional(),
    held_by: heldBy.optional(),
  }),
  background_job: durable('A background job has ended, or was ended.', {
    job_id: z.string(),
    command_id: z.string(),
    cmd: z.string(),
    cwd: z.string().optional(),
    end: z.object({
      outcome: z.string(),
      exit_code: z.number().nullish(),
      signal: z.string().optional(),
      by: z.string().optional(),
    }),
  }),
  tool_changed: durable('The definition of a tool is not what it was (R16).', {
    tool: z.string(),
    digest: z.string(),
    previous: z.string().optional(),
  }),
  shell: durable("A person's own command: it began, wrote something, or ended.", {
    output: z.string(),
    /** Absent: only output. */
    status: z.enum(['started', 'ended']).optional(),
    command: z.string().optional(),
    command_id: z.string().optional(),
    outcome: z
      .enum(['exited', 'signaled', 'timed_out', 'cancelled', 'lost', 'output_limit', 'failed', 'unknown'])
      .optional(),
    exit_code: z.number().optional(),
    /** With the end: what the model reads of it at its next turn. */
    response: z.string().optional(),
  }),
} as const;

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
    /** The sha256 of the cassette that plays from now on, from its beginning; empty: none plays any more. */
    cassette: z.string().optional(),
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
  hook_started: durable('A hook runs.', {
    hook_event: z.string(),
    invocation_id: z.string().optional(),
    attempt: z.number().optional(),
  }),
  hook_finished: durable('A hook ended.', {
    hook_event: z.string(),
    duration_ms: z.number(),
    allowed: z.boolean(),
    error: z.string().optional(),
    message: z.string().optional(),
    invocation_id: z.string().optional(),
  }),
  hook_blocked: durable('A hook blocked a call.', {
    tool_call: toolCallSchema,
    tool_definition: toolDefinitionSchema.partial().optional(),
    message: z.string(),
  }),
} as const;
