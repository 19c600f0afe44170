import type { RunState } from '../../fold/run-state.ts';
import { event, type LoopContext } from '../../loop/context.ts';
import { runHooks, type Moment } from '../run-hooks.ts';
import { NO_HOOKS, type HookOutcome } from '../types.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { hasHooks } from './has-hooks.ts';

/** Runs the hooks of a moment; undefined where the run was cut while they ran. */
export async function hear(
  context: LoopContext,
  run: RunState,
  moment: Moment,
): Promise<HookOutcome | undefined> {
  if (!hasHooks(context)) return NO_HOOKS;
  return unlessAborted(moment.signal, () => runHooks(context, run, moment));
}

/** Tells hooks of something that they cannot change. `continue: false` still ends the run at its next step. */
export async function tell(context: LoopContext, run: RunState, moment: Moment): Promise<void> {
  const outcome = await hear(context, run, moment);
  const stopping = outcome?.results.find(({ output }) => output.continue === false);
  if (stopping === undefined || run.stopped !== undefined || run.hook_stop !== undefined) return;
  const { hook, output } = stopping;
  const message = output.stop_reason ?? output.reason ?? 'it gave no reason';
  await context.log.append({
    events: [
      event('hook_blocked', run, { message, hook_event: moment.event, hook: hook.source, stops: true }),
    ],
  });
}

/** Ends the run with `hook_blocked` where a hook blocked what was about to happen; true when one did. */
export async function stoppedBy(
  context: LoopContext,
  run: RunState,
  moment: Pick<Moment, 'event'>,
  { blocked }: Pick<HookOutcome, 'blocked'>,
): Promise<boolean> {
  if (blocked === undefined) return false;
  const { message, hook } = blocked;
  if (run.hook_stop === undefined) {
    await context.log.append({
      events: [
        event('hook_blocked', run, { message, hook_event: moment.event, hook: hook.source, stops: true }),
      ],
    });
  }
  return true;
}
