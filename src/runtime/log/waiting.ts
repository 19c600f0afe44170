import type { EventDraft } from '../../protocol/store.ts';
import type { LogState } from '../fold/state.ts';

const QUESTIONS: ReadonlySet<string> = new Set([
  'tool_call_confirmation',
  'elicitation_request',
  'max_iterations_reached',
]);

/** How many questions wait for a person once these events stand behind what was folded; undefined where that does not change. */
export function waitingAfter(state: LogState, events: readonly EventDraft[]): number | undefined {
  const added = new Set<string>();
  const resolved = new Set<string>();
  for (const { type, fields } of events) {
    const request_id = fields['request_id'];
    if (typeof request_id !== 'string') continue;
    // Recovery puts a question again under its id.
    if (QUESTIONS.has(type) && !state.pending.has(request_id)) added.add(request_id);
    if (type === 'interaction_resolved') {
      if (!added.delete(request_id) && state.pending.has(request_id)) resolved.add(request_id);
    }
  }
  if (added.size === resolved.size) return undefined;
  return state.pending.size + added.size - resolved.size;
}
