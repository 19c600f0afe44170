import { smaller } from '../policy/bounds.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LogState } from '../fold/state.ts';
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
  return [run, ...runsAbove(state, run)].find((at) => at.tree_turns >= (limitOf(state, at) ?? Infinity));
}

/** The model calls that a run may make, with all runs below it; undefined is without a limit. What a policy caps, no answer raises. */
export function limitOf({ bounds }: LogState, run: RunState): number | undefined {
  const own = run.max_iterations === 0 ? undefined : run.max_iterations + run.extensions * EXTENSION;
  return run.parent === undefined ? smaller(own, bounds.max_iterations) : own;
}

/** The policy's cap is reached: there is nothing to ask. */
export function isCapped(state: LogState, run: RunState): boolean {
  const cap = state.bounds.max_iterations;
  return cap !== undefined && limitOf(state, run) === cap;
}
