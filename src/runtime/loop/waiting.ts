import type { PendingInteraction } from '../../protocol/interaction.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LoopContext } from './context.ts';

/** A timer of Node waits no longer; what is later is looked at again then. Milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Why a question is not waited for any more, and what becomes of it; undefined while it waits (R8). */
export interface Unanswered {
  outcome: 'canceled' | 'expired';
  reason: string;
}

/**
 * Nobody can answer where the run was resumed, or nobody did within the policy's longest wait, which counts from when the question was put first: a
 * restart makes it no longer.
 */
export function unanswered(context: LoopContext, run: RunState, request_id: string): Unanswered | undefined {
  if (run.unattended === 'refuse')
    return { outcome: 'canceled', reason: 'the run was resumed where nobody can answer' };
  const deadline = deadlineOf(context, request_id);
  if (deadline === undefined || context.now().getTime() < deadline) return undefined;
  const { longest_wait_ms = 0 } = context.log.state.bounds;
  return {
    outcome: 'expired',
    reason: `nobody answered within ${longest_wait_ms / 1000} s, the longest wait of the policy`,
  };
}

/** Resolves when something changed, the signal aborts, or one of these questions has waited for as long as it may. */
export async function changedOrExpired(
  context: LoopContext,
  request_ids: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const deadlines = request_ids.flatMap((request_id) => deadlineOf(context, request_id) ?? []);
  if (deadlines.length === 0) return context.changed(signal);
  const late = new AbortController();
  const wait = Math.min(...deadlines) - context.now().getTime();
  const timer = setTimeout(() => late.abort(), Math.min(Math.max(0, wait), LONGEST_TIMER));
  try {
    await context.changed(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

/** The questions that hold up this run: its own, and of the runs above it whether to go on. */
export function holding(
  { log: { state } }: Pick<LoopContext, 'log'>,
  run: RunState,
  above: readonly RunState[],
): PendingInteraction[] {
  return [...state.pending.values()].filter(
    ({ run_id, kind }) =>
      run_id === run.run_id || (kind === 'max_iterations' && above.some((other) => other.run_id === run_id)),
  );
}

function deadlineOf({ log: { state } }: LoopContext, request_id: string): number | undefined {
  const { longest_wait_ms } = state.bounds;
  const asked = state.asked_at.get(request_id);
  return longest_wait_ms === undefined || asked === undefined ? undefined : asked + longest_wait_ms;
}
