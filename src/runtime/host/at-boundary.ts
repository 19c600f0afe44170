import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LogState } from '../fold/state.ts';

/**
 * Whether a session may be let go without cutting anything: no model call and no tool is under way, and no run is about to end by itself. A run that
 * waits for a person, or for its sub-agent, is at a boundary as far as it is concerned (R15, R23).
 */
export function isAtBoundary(state: LogState): boolean {
  if (state.history.restoring !== undefined) return false;
  return [...state.conversations.values()].every(
    ({ run }) => run === undefined || !(isActing(run) || isEnding(run, state)),
  );
}

function isActing(run: RunState): boolean {
  if (run.calling !== undefined || run.compacting !== undefined) return true;
  if (run.shell !== undefined && !run.shell.ended) return true;
  return [...run.calls.values()].some((call) => call.started && !call.done && !isHeld(call));
}

/** A call that goes on by itself: its sub-agent does the work, or a person has its question. */
export function isHeld({ child, questions }: CallState): boolean {
  const last = questions.at(-1);
  return child !== undefined || (last?.held_by === 'step' && last.answer === undefined);
}

/** All that is left to do is to say so. */
function isEnding(run: RunState, state: LogState): boolean {
  if (run.failed !== undefined || run.interrupted_by !== undefined) return true;
  const open = [...run.calls.values()].some((call) => !call.done);
  return run.answered && !open && run.calls.size === 0 && !state.paused;
}
