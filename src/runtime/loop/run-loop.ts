import { YonderError } from '../../protocol/errors.ts';
import type { EventDraft, InputRow } from '../../protocol/store.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { estimateMessage } from '../prompt/tokens.ts';
import { stopAtBudget } from './budget.ts';
import { callModel } from './call-model.ts';
import { runCalls } from './calls.ts';
import { takeCommand } from './command.ts';
import { compact } from './compact.ts';
import { afterRestart } from '../hooks/after-restart.ts';
import { beforeStep } from '../hooks/events/before-step.ts';
import { beforeQuestion } from '../hooks/events/questions.ts';
import { pinScripts } from '../hooks/scripts.ts';
import { agentOf, conversationOf, event, type LoopContext } from './context.ts';
import { finish } from './finish.ts';
import { safetyOf } from './safety.ts';
import { closeSnapshot } from './snapshot-step.ts';
import { isParallel } from './beside.ts';
import { isCapped, limitedRun, limitOf, runsAbove } from './limit.ts';
import { nextStep, type Step } from './next-step.ts';
import { fail } from './report.ts';
import { changedOrExpired, holding, unanswered } from './waiting.ts';
import { runShell } from './own-shell.ts';
import { toolsReady } from './tools-ready.ts';

/** How often `autonomous` raises the limit by itself (WIRE.md section 3). */
const OWN_EXTENSIONS = 5;

/** Drives one run, step by step, until its `stream_stopped` is recorded or the Host lets it go (`let_go`). */
export async function driveRun(context: LoopContext, run: RunState, let_go: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([let_go, context.signalOf(run.run_id)]);
  await pinScripts(context, run);
  await afterRestart(context, run, signal);
  while (!let_go.aborted) {
    // What can be recorded no more is not tried again and again.
    if (context.log.failure !== undefined) throw context.log.failure;
    await context.pump();
    if (run.stopped !== undefined) return;
    await take(context, run, chooseStep(context, run), signal, let_go);
    if (run.stopped !== undefined) return;
  }
}

function chooseStep(context: LoopContext, run: RunState): Step {
  const agent = agentOf(context, run);
  const conversation = conversationOf(context, run);
  const { state } = context.log;
  const above = runsAbove(state, run);
  const questions = holding(context, run, above);
  return nextStep({
    run,
    conversation,
    agent,
    steers: context.waiting(run.session_id, 'steer'),
    followUps: context.waiting(run.session_id, 'follow_up'),
    paused: context.log.state.paused,
    snapshot_open: context.log.state.history.open?.runs.has(run.run_id) === true,
    asking: questions.length > 0,
    nobody_answers: questions.some(({ request_id }) => unanswered(context, run, request_id) !== undefined),
    added_tokens: addedTokens(context, run),
    isParallel: (call) => isParallel(context, run, call),
    at_limit: limitedRun(state, run) !== undefined,
    told_to_stop: [run, ...above].some((at) => at.stop_after_question),
  });
}

/** What came after the model's last message: tool results and what a person added. */
function addedTokens(context: LoopContext, run: RunState): number {
  const { messages } = conversationOf(context, run);
  let tokens = 0;
  for (let index = messages.length - 1; index >= 0 && messages[index]?.role !== 'assistant'; index -= 1) {
    const message = messages[index];
    if (message !== undefined) tokens += estimateMessage(message);
  }
  return tokens;
}

async function take(
  context: LoopContext,
  run: RunState,
  step: Step,
  signal: AbortSignal,
  let_go: AbortSignal,
): Promise<void> {
  if (await beforeStep(context, run, step, signal)) return;
  switch (step.kind) {
    case 'finish':
      await finish(context, run, step.reason);
      return;
    case 'fail':
      await fail(context, run, new YonderError(step.code, step.message));
      return;
    case 'calls':
      if (!(await toolsReady(context, run, signal))) return;
      await runCalls(context, run, step.calls, signal);
      return;
    case 'snapshot':
      await closeSnapshot(context, run, let_go);
      return;
    case 'take':
      await takeInputs(context, run, step.inputs);
      return;
    case 'ask_limit':
      await askLimit(context, run);
      return;
    case 'compact':
      if (await stopAtBudget(context, run)) return;
      await compact(context, run, step.reason, signal);
      return;
    case 'call_model':
      if (await stopAtBudget(context, run)) return;
      if (!(await toolsReady(context, run, signal))) return;
      if ((await callModel(context, run, signal)) === 'overflow')
        await compact(context, run, 'overflow', signal);
      return;
    case 'command':
      await takeCommand(context, run);
      return;
    case 'shell':
      await runShell(context, run, signal);
      return;
    case 'wait':
      await changedOrExpired(context, heldBy(context, run), signal);
  }
}

/** The questions whose end would take the run further; while it is paused nothing does. */
function heldBy(context: LoopContext, run: RunState): string[] {
  const { state } = context.log;
  if (state.paused) return [];
  return holding(context, run, runsAbove(state, run)).map(({ request_id }) => request_id);
}

async function takeInputs(context: LoopContext, run: RunState, rows: readonly InputRow[]): Promise<void> {
  await context.log.append({
    taken: rows.map((row) => row.input_id),
    events: rows.flatMap((row) => [
      event('input_taken', run, { input_id: row.input_id, kind: row.kind, by: row.by }),
      ...userMessages(run, row),
    ]),
  });
}

/** The user messages of an input; their parts were made blobs when it was accepted. */
export function userMessages(
  run: Pick<RunState, 'session_id' | 'run_id' | 'agent_name' | 'parent'>,
  row: InputRow,
): EventDraft[] {
  const { messages } = row.payload;
  if (!Array.isArray(messages)) return [];
  return messages.map((message: { message_id: string; content: string; parts?: unknown[] }) => ({
    type: 'user_message',
    fields: {
      session_id: run.session_id,
      run_id: run.run_id,
      agent_name: run.agent_name,
      ...(run.parent === undefined ? {} : { parent: run.parent }),
      message: message.content,
      ...(message.parts === undefined || message.parts.length === 0 ? {} : { multi_content: message.parts }),
      session_position: -1,
      message_id: message.message_id,
      input_id: row.input_id,
      by: row.by,
      source: row.kind,
    },
  }));
}

async function askLimit(context: LoopContext, asker: RunState): Promise<void> {
  // The limit may be one of a run above, which then is the one that asks; runs beside this one ask the same only once.
  const run = limitedRun(context.log.state, asker) ?? asker;
  const step_id = `${run.run_id}/limit/${run.extensions}`;
  const { state } = context.log;
  const reached = { max_iterations: limitOf(state, run) ?? 0 };
  const isFinal = isCapped(state, run);
  const safety = safetyOf(context, agentOf(context, run), run.session_id);
  if (safety === 'autonomous' && !isFinal && run.own_extensions < OWN_EXTENSIONS) {
    const request_id = newId('req');
    await context.log.append({
      step_id,
      events: [
        event('max_iterations_reached', run, { ...reached, request_id, held_by: 'step' }),
        event('interaction_resolved', run, {
          request_id,
          kind: 'max_iterations',
          outcome: 'answered',
          answer: { decision: 'continue' },
          by: 'policy',
        }),
      ],
    });
    return;
  }
  if (isFinal || safety === 'autonomous' || safety === 'restricted' || run.unattended === 'refuse') {
    if (run === asker) await context.log.append({ events: [event('max_iterations_reached', run, reached)] });
    await finish(context, asker, 'max_iterations');
    return;
  }
  await beforeQuestion(context, run, `limit/${run.extensions}`);
  await context.log.append({
    step_id,
    flush: true,
    events: [event('max_iterations_reached', run, { ...reached, request_id: newId('req'), held_by: 'step' })],
  });
}
