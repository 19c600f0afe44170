import type { EventOf, YonderEvent } from '../../protocol/events/events.ts';
import type { AnswerDecision } from '../../protocol/interaction.ts';

/** Events that ask a person. */
export type Question =
  | EventOf<'tool_call_confirmation'>
  | EventOf<'max_iterations_reached'>
  | EventOf<'authorization_event'>
  | EventOf<'elicitation_request'>;

export interface Answer {
  decision: AnswerDecision;
  rule?: string;
  reason?: string;
  content?: Record<string, unknown>;
}

/** The question that an event asks; undefined for one that asks nothing, or that nobody may answer. */
export function questionOf(event: YonderEvent): (Question & { request_id: string }) | undefined {
  switch (event.type) {
    case 'tool_call_confirmation':
    case 'max_iterations_reached':
    case 'authorization_event':
    case 'elicitation_request':
      return event.request_id === undefined ? undefined : { ...event, request_id: event.request_id };
    default:
      return undefined;
  }
}
