import type { LogState, RunState } from '../fold/state.ts';
import { EXTENSION } from './next-step.ts';

/** The runs above a run, nearest first. */
export function runsAbove(state: LogState, run: RunState): RunState[] {
  const above: RunState[] = [];
  for (let parent = run.parent; parent !== undefined;) {
    const held = state.conversations.get(parent.session_id);
    if (held?.run !== undefined) above.push(held.run);
    parent = held?.parent;
  }
  return above;
}

/** The run whose limit of model calls is reached: its own calls and those of all runs below it count together. */
export function limitedRun(state: LogState, run: RunState): RunState | undefined {
  return [run, ...runsAbove(state, run)].find(
    (at) => at.max_iterations > 0 && at.tree_turns >= at.max_iterations + at.extensions * EXTENSION,
  );
}
