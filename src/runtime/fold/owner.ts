import type { EventOf, YonderEvent } from '../../protocol/events/events.ts';
import { type RunState } from './run-state.ts';
import { conversation, type ConversationState, type LogState } from './state.ts';

type Common = { session_id: string; run_id?: string | undefined; parent?: ConversationState['parent'] };

/** The conversation that an event belongs to. */
export function owner(state: LogState, event: Common): ConversationState {
  return conversation(state, event.session_id, event.parent);
}

/** The open run that an event belongs to. */
export function runOf(state: LogState, event: Common): RunState | undefined {
  const { run } = owner(state, event);
  return run !== undefined && run.run_id === event.run_id ? run : undefined;
}

/** What an event does to the state, by its type. */
export type Folds = { [Type in YonderEvent['type']]?: (state: LogState, event: EventOf<Type>) => void };
