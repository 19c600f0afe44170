import { forgetFailures } from './fallback.ts';
import type { RunState } from './run-state.ts';

/** A user message opens a new turn: the batch before it is over, and the model is to be asked. */
export function beginTurn(run: RunState): void {
  run.answered = false;
  run.attempts = 0;
  run.calls = new Map();
  forgetFailures(run);
}
