import { z } from 'zod';

/** What a question can be answered with (WIRE.md, session/answer). */
export const answerDecisionSchema = z.enum([
  'approve',
  'approve_tool',
  'approve_session',
  'reject',
  'accept',
  'decline',
  'cancel',
  'continue',
  'stop',
]);
export type AnswerDecision = z.infer<typeof answerDecisionSchema>;

export const interactionKindSchema = z.enum([
  'tool_call_confirmation',
  'max_iterations',
  'elicitation',
  'authorization',
]);
export type InteractionKind = z.infer<typeof interactionKindSchema>;

/** Which answers fit which question; another one is `invalid_request`. */
export const DECISIONS_OF: Record<InteractionKind, readonly AnswerDecision[]> = {
  tool_call_confirmation: ['approve', 'approve_tool', 'approve_session', 'reject'],
  max_iterations: ['continue', 'stop'],
  elicitation: ['accept', 'decline', 'cancel'],
  authorization: ['accept', 'decline', 'cancel'],
};

/** A question that holds up a run. `event` is the event that asked it, as it stands in the log. */
export const pendingInteractionSchema = z.object({
  request_id: z.string(),
  kind: interactionKindSchema,
  held_by: z.enum(['step', 'connection']),
  session_id: z.string(),
  run_id: z.string(),
  event: z.record(z.string(), z.unknown()),
});
export type PendingInteraction = z.infer<typeof pendingInteractionSchema>;
