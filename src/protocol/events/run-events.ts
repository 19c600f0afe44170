import { z } from 'zod';
import { errorCodes } from '../error-body.ts';
import { contentPartSchema, messageSchema, usageSchema } from '../message.ts';
import { runSkillSchema } from '../skills.ts';
import { anyParts, durable, heldBy } from './declare.ts';

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
      /** The skill that it was made of: the run goes on with what it leaves of the tools. */
      skill: runSkillSchema.optional(),
    },
    { multi_content: anyParts.optional() },
  ),
  stream_started: durable('A run began.', {
    max_iterations: z.number().optional(),
    unattended: z.enum(['wait', 'refuse']).optional(),
    /** The skill that a sub-agent was started for. */
    skill: runSkillSchema.optional(),
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
    /** The digest of what hooks add for this turn alone. */
    hook_context: z.string().optional(),
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
    /** A team's command or a skill, and what was typed behind it. */
    name: z.string().optional(),
    arguments: z.array(z.string()).optional(),
    /** A prompt of an MCP server: what it was given. */
    prompt_arguments: z.record(z.string(), z.string()).optional(),
  }),
  sub_session_completed: durable('A sub-agent is done: ids, usage and the answer (R9).', {
    parent_session_id: z.string(),
    sub_session_id: z.string().optional(),
    answer: z.string().optional(),
    usage: usageSchema.partial().optional(),
  }),
} as const;
