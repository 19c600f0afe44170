import type { StopReason } from '../../../protocol/events/run-events.ts';
import type { RunState } from '../../fold/run-state.ts';
import { event, type LoopContext } from '../../loop/context.ts';
import { newId } from '../../ids.ts';
import type { HookOutcome } from '../types.ts';
import { endTurn } from './before-step.ts';
import { hasHooks } from './has-hooks.ts';
import { hear, tell } from './tell.ts';
import { lastWords } from './transcript.ts';

/** How often `stop` hooks may give one run more to do. */
export const MOST_GIVEN = 10;

/** Milliseconds that an interrupted or failed run waits for those who are told of its end. */
const AFTER_CUT_MS = 5_000;

/** What hooks are told, and asked, before a run ends. True when they gave it more to do, or ended it in another way. */
export async function beforeFinish(
  context: LoopContext,
  run: RunState,
  reason: StopReason,
): Promise<boolean> {
  // Whoever brought the process down three times is not asked a fourth time.
  if (reason === 'recovery_exhausted' || !hasHooks(context)) return false;
  if (reason === 'normal' && run.answered && run.shell === undefined && (await giveMore(context, run)))
    return true;
  const own = context.signalOf(run.run_id);
  const signal = own.aborted ? AbortSignal.timeout(AFTER_CUT_MS) : own;
  if (run.failed !== undefined) {
    const input = { notification_level: 'error', notification_message: run.failed.message };
    await tell(context, run, { event: 'on_error', subject: 'end', input, signal });
    await tell(context, run, { event: 'notification', subject: 'end', input, signal });
  }
  await endTurn(context, run, reason, signal);
  if (wasCutBeforeCall(run)) await endTurn(context, run, reason, signal, run.turn + 1);
  if (run.parent === undefined)
    await tell(context, run, { event: 'session_end', subject: String(run.turn), input: { reason }, signal });
  return false;
}

/** A turn that hooks had begun, and that never came to its model call. */
function wasCutBeforeCall({ hooks, turn }: RunState): boolean {
  const begun = [`turn_start/${turn + 1}/`, `before_llm_call/${turn + 1}/`];
  return [...hooks.keys()].some((key) => begun.some((prefix) => key.startsWith(prefix)));
}

/** What `stop` hooks add, or the reason of one that blocks, is a message to go on with; bounded, so that no run goes on for ever. */
async function giveMore(context: LoopContext, run: RunState): Promise<boolean> {
  const signal = context.signalOf(run.run_id);
  const outcome = await hear(context, run, {
    event: 'stop',
    subject: String(run.turn),
    input: lastWords(context, run),
    signal,
  });
  if (outcome === undefined) return true;
  const ending = outcome.results.find(({ output }) => output.continue === false);
  if (ending !== undefined) {
    const { hook, output } = ending;
    const message = output.stop_reason ?? output.reason ?? 'it gave no reason';
    await context.log.append({
      events: [event('hook_blocked', run, { message, hook_event: 'stop', hook: hook.source, stops: true })],
    });
    return true;
  }
  const more = moreOf(outcome);
  if (more === '') return false;
  if (run.given_more >= MOST_GIVEN) {
    const message = `stop hooks gave this run more to do ${MOST_GIVEN} times; it ends now`;
    await context.log.append({
      step_id: `${run.run_id}/stop/enough`,
      events: [event('warning', run, { message })],
    });
    return false;
  }
  await context.log.append({
    step_id: `${run.run_id}/${run.turn}/stop`,
    events: [event('hook_context', run, { hook_event: 'stop', message_id: newId('msg'), context: more })],
  });
  return true;
}

function moreOf({ results, context }: HookOutcome): string {
  const blocking = results.flatMap(({ hook, blocked }) =>
    blocked === undefined ? [] : [{ text: blocked, source: hook.source }],
  );
  return [...context, ...blocking].map(({ text, source }) => `[stop hook ${source}]\n${text}`).join('\n\n');
}
