import type { RunState } from './run-state.ts';
import type { ConversationState, LogState } from './state.ts';

/** Once all calls of the turn have their results, the conversation is the other agent's, in later runs too. */
export function handOver(state: LogState, held: ConversationState, run: RunState): void {
  const to = run.handed_to;
  if (to === undefined || [...run.calls.values()].some((call) => !call.done)) return;
  if (!held.handed_over.includes(run.agent_name)) held.handed_over.push(run.agent_name);
  run.handed_to = undefined;
  run.agent_name = to;
  held.agent_name = to;
  if (held.session_id === state.root_id) state.agent_name = to;
  // Another agent has other system parts, and begins to count its own equal calls.
  run.system = undefined;
  run.batch_key = '';
  run.batch_repeats = 0;
}
