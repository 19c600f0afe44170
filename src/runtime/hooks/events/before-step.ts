import type { RunState } from '../../fold/run-state.ts';
import { type LoopContext } from '../../loop/context.ts';
import { limitOf } from '../../loop/limit.ts';
import { EXTENSION, type Step } from '../../loop/next-step.ts';
import { contextEvents } from '../add-context.ts';
import { tellOfHandoff } from './agent-switch.ts';
import { hasHooks } from './has-hooks.ts';
import { hear, stoppedBy, tell } from './tell.ts';
import { lastWords } from './transcript.ts';

/**
 * What hooks are told between the last step of a run and the next one. True when that changed what comes next, so that the step is to be chosen
 * anew. Whatever was told before a crash is in the log, and is not told again (R14).
 */
export async function beforeStep(
  context: LoopContext,
  run: RunState,
  step: Step,
  signal: AbortSignal,
): Promise<boolean> {
  if (step.kind === 'wait' || step.kind === 'snapshot' || !hasHooks(context)) return false;
  const before = run.hook_stop;
  if (run.answered) await tellOfAnswer(context, run, signal);
  switch (step.kind) {
    case 'take':
      await endTurn(
        context,
        run,
        step.inputs.some(({ kind }) => kind === 'steer') ? 'steered' : 'normal',
        signal,
      );
      break;
    case 'ask_limit':
      await tellOfLimit(context, run, signal);
      break;
    case 'compact':
      if (!run.compaction_only) await startSession(context, run, signal);
      break;
    case 'call_model':
      await tellOfExtension(context, run, signal);
      if (run.attempts === 0) await endTurn(context, run, 'continue', signal);
      await tellOfHandoff(context, run, signal);
      await startSession(context, run, signal);
      break;
    default:
  }
  return run.hook_stop !== before;
}

async function tellOfAnswer(context: LoopContext, run: RunState, signal: AbortSignal): Promise<void> {
  await tell(context, run, {
    event: 'after_llm_call',
    subject: String(run.turn),
    input: lastWords(context, run),
    signal,
  });
}

/** `turn_end`, once for each turn; nothing where there was none yet. */
export async function endTurn(
  context: LoopContext,
  run: RunState,
  reason: string,
  signal: AbortSignal,
  turn = run.turn,
): Promise<void> {
  if (turn === 0) return;
  await tell(context, run, { event: 'turn_end', subject: String(turn), input: { reason }, signal });
}

/** `session_start`, before the first model call that sees a new, resumed, cleared or compacted conversation; what it adds stays in the history. */
async function startSession(context: LoopContext, run: RunState, signal: AbortSignal): Promise<void> {
  const source = context.log.state.session_source;
  if (run.parent !== undefined || source === undefined) return;
  const moment = {
    event: 'session_start',
    subject: `${source}/${run.compactions}`,
    input: { source },
    signal,
  } as const;
  const outcome = await hear(context, run, moment);
  if (outcome === undefined || (await stoppedBy(context, run, moment, outcome))) return;
  const events = contextEvents(run, 'session_start', outcome);
  if (events.length > 0)
    await context.log.append({ step_id: `${run.run_id}/session_start/${moment.subject}`, events });
}

async function tellOfLimit(context: LoopContext, run: RunState, signal: AbortSignal): Promise<void> {
  const limit = limitOf(context.log.state, run) ?? 0;
  await tell(context, run, {
    event: 'on_max_iterations',
    subject: String(run.extensions),
    input: {
      notification_level: 'warning',
      notification_message: `the run has made the ${limit} model calls that it may make`,
    },
    signal,
  });
}

/** Somebody, or the mode, let the run go on at its limit. */
async function tellOfExtension(context: LoopContext, run: RunState, signal: AbortSignal): Promise<void> {
  if (run.extensions === 0) return;
  const limit = limitOf(context.log.state, run) ?? 0;
  await tell(context, run, {
    event: 'on_session_resume',
    subject: String(run.extensions),
    input: { previous_max_iterations: limit - EXTENSION, new_max_iterations: limit },
    signal,
  });
}
