import { z } from 'zod';
import { interactionKindSchema } from '../interaction.ts';
import { contentPartSchema, toolCallSchema, toolDefinitionSchema } from '../message.ts';
import { ruleOfferSchema } from '../permissions.ts';
import { anyParts, durable, heldBy } from './declare.ts';
import { openedSnapshotSchema } from './history-events.ts';

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
    /** Of a tool of an MCP server: which one, as rules name it, and the definition that the answer is about (R16). */
    tool_identity: z.string().optional(),
    definition_digest: z.string().optional(),
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
    /** The final arguments as JSON, where hooks rewrote them (R26). */
    arguments: z.string().optional(),
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
    /** The name of the MCP server, as the team has it. */
    server: z.string().optional(),
    /** Its address, without a query. */
    server_url: z.string().optional(),
    /** `step_up`: what was granted is not enough. */
    kind: z.enum(['sign_in', 'step_up']).optional(),
    /** What the server asks for. */
    scope: z.string().optional(),
    /** The port that the team has browsers sent back to. */
    callback_port: z.number().optional(),
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
