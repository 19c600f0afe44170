import { z } from 'zod';
import { toolCallSchema, toolDefinitionSchema } from '../message.ts';
import { connection, preview } from './declare.ts';

/** The peer's previews do not say which message they belong to. */
const unnamed = { message_id: z.string().optional() };

/** What streams while something is open; the durable event that closes it replaces it (R2, R27). */
export const previewEvents = {
  agent_choice: preview(
    'Text of the answer as it comes.',
    { content: z.string(), message_id: z.string() },
    unnamed,
  ),
  agent_choice_reasoning: preview(
    'Reasoning as it comes.',
    { content: z.string(), message_id: z.string() },
    unnamed,
  ),
  partial_tool_call: preview(
    'Arguments of a tool call as they come.',
    {
      tool_call: toolCallSchema,
      tool_definition: toolDefinitionSchema.partial().optional(),
      message_id: z.string(),
    },
    unnamed,
  ),
  tool_call_output: preview('Output of a tool as it comes.', {
    tool_call_id: z.string(),
    stream: z.enum(['stdout', 'stderr']),
    output: z.string(),
  }),
  rag_indexing_progress: preview('How far an index is.', {
    rag_name: z.string(),
    strategy_name: z.string(),
    current: z.number(),
    total: z.number(),
  }),
} as const;

/** Why a stream ends though nobody asked for it: what each says to its reader. */
export const CLOSING_REASONS = {
  host_closing: 'the process that serves the stream is ending; the run goes on when the session is resumed',
  owner_gone: 'the process that drove the run is gone; resuming the session goes on with it',
  session_deleted: 'the session was deleted',
  store_failed: 'the session store could not be written or read',
  internal: 'a fault of Yonder',
} as const;
export type ClosingReason = keyof typeof CLOSING_REASONS;

const closingReasons = Object.keys(CLOSING_REASONS) as ClosingReason[];

/** About the stream itself; in no log. */
export const connectionEvents = {
  connection_lost: connection('The stream broke; the client tries again from its cursor.', {
    reason: z.string(),
    attempt: z.number(),
  }),
  connection_restored: connection('The stream is back.', { attempt: z.number() }),
  log_caught_up: connection('All that the log held has been sent; what follows is live.', {
    as_of: z.number(),
  }),
  stream_closing: connection('The other side ends the stream on purpose.', {
    reason: z
      .union([z.enum(closingReasons), z.string()])
      .describe(
        `${closingReasons.map((reason) => `\`${reason}\`: ${CLOSING_REASONS[reason]}`).join('; ')}; or the code of another error, as in errors.md`,
      ),
    message: z.string().optional(),
  }),
} as const;
