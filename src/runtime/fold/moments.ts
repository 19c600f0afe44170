import type { YonderEvent } from '../../protocol/events/events.ts';
import { beginTurn } from './begin-turn.ts';
import { runOf } from './owner.ts';
import type { RunState } from './run-state.ts';
import type { LogState } from './state.ts';

/** How a session came to the conversation that its next model call sees (reference/docker-agent.md 5.7). */
export type SessionSource = 'startup' | 'resume' | 'clear' | 'compact';

/** What hooks are to be told of and have not been yet: how the session began, what was compacted, who took over. */
export function foldMoments(state: LogState, event: YonderEvent): void {
  switch (event.type) {
    case 'settings_changed':
      if (event.resumed === true) resumed(state);
      return;
    case 'stream_started':
      if (event.session_id === state.root_id) beginRun(state);
      return;
    case 'history_changed':
      if (state.conversations.get(state.root_id)?.messages.length === 0) state.session_source = 'clear';
      return;
    case 'session_summary':
      if (event.session_id === state.root_id) state.session_source = 'compact';
      countCompaction(runOf(state, event));
      return;
    case 'model_call':
      if (event.session_id === state.root_id && event.purpose !== 'compaction' && event.purpose !== 'sample')
        state.session_source = undefined;
      return;
    case 'agent_switching':
      if (event.kind === 'handoff') noteHandoff(runOf(state, event), event.from_agent);
      return;
    case 'hook_context':
      if (event.hook_event === 'stop') giveMore(runOf(state, event));
      return;
    default:
  }
}

function countCompaction(run: RunState | undefined): void {
  if (run !== undefined) run.compactions += 1;
}

function noteHandoff(run: RunState | undefined, from: string | undefined): void {
  if (run !== undefined) run.handed_by = from;
}

function giveMore(run: RunState | undefined): void {
  if (run === undefined) return;
  run.given_more += 1;
  beginTurn(run);
}

/** A run that was cut goes on as it was: only the one after it begins in a session that was taken up again (R14). */
function resumed(state: LogState): void {
  if (state.conversations.get(state.root_id)?.run === undefined) state.session_source = 'resume';
  else state.next_source = 'resume';
}

function beginRun(state: LogState): void {
  state.session_source = state.next_source ?? state.session_source;
  state.next_source = undefined;
}
