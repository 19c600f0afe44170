import type { RunState } from './run-state.ts';
import type { LogState } from './state.ts';

/** A turn of a sub-agent counts for every run above it too: a limit is one for the tree. */
export function countTurn(state: LogState, run: RunState): void {
  for (let at: RunState | undefined = run; at !== undefined;) {
    at.tree_turns += 1;
    at = at.parent && state.conversations.get(at.parent.session_id)?.run;
  }
}

/** A step of a sub-agent is one of every run above it (R9, R11). */
export function progressed(state: LogState, run: RunState | undefined): void {
  for (let at = run; at !== undefined;) {
    at.recoveries = 0;
    at = at.parent && state.conversations.get(at.parent.session_id)?.run;
  }
}
