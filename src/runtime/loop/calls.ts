import { toYonderError } from '../../protocol/errors.ts';
import { unknownToolResult } from '../../tools/run-tool.ts';
import type { Tool } from '../../tools/tool.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId, newSessionId } from '../ids.ts';
import { event, type LoopContext } from './context.ts';
import { CallQuestions } from './ask.ts';
import { CalledTools } from './called.ts';
import { judge, refusedAfresh } from './judge.ts';
import { attempt, recovered } from './recovered-call.ts';
import { respond } from './record-result.ts';
import { makeContext } from './tool-context.ts';
import { HandoffRequest } from './handoff.ts';
import { beforeQuestion } from '../hooks/events/questions.ts';
import { approvalDecided } from '../hooks/approval.ts';
import { afterCall, screened } from '../hooks/tool-results.ts';
import { unlessAborted } from '../hooks/unless-aborted.ts';
import { changedOrExpired, unanswered, type Unanswered } from './waiting.ts';
import { openSnapshot } from './snapshot-step.ts';
import { callableTools } from './tools-ready.ts';

/** Takes a group of calls as far as it goes: each to its result, or to a question that waits. */
export async function runCalls(
  context: LoopContext,
  run: RunState,
  calls: readonly CallState[],
  signal: AbortSignal,
): Promise<void> {
  const settled = await Promise.allSettled(calls.map((call) => driveCall(context, run, call, signal)));
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
}

/** One call: decide, ask, start, run, record; whatever the log already has is not done again (R23). */
async function driveCall(
  context: LoopContext,
  run: RunState,
  call: CallState,
  signal: AbortSignal,
): Promise<void> {
  const tools = callableTools(context, run).filter(
    ({ held_by }) => held_by === undefined || call.source === 'tool',
  );
  const tool = tools.find((candidate) => candidate.definition.name === call.call.function.name);
  if (tool === undefined) {
    const names = tools.map((candidate) => candidate.definition.name);
    await respond(context, run, call, 'invalid', unknownToolResult(call.call.function.name, names));
    return;
  }
  const parsed = finalArguments(call, tool);
  if (!parsed.ok) {
    await respond(context, run, call, 'invalid', { output: parsed.message, is_error: true });
    return;
  }
  if (!call.started) {
    const isPermitted = await permitted(context, run, call, tool, parsed.args, signal);
    await approvalDecided({ context, run, call, tool, args: parsed.args, signal });
    if (!isPermitted) return;
  }
  if (signal.aborted) return;
  const final = finalArguments(call, tool);
  await execute(context, run, call, tool, final.ok ? final.args : parsed.args, signal);
}

/** The arguments of a call as the log has them: hooks may have rewritten them (R26). */
function finalArguments(call: CallState, tool: Tool): ReturnType<Tool['parse']> {
  return tool.parse(call.rewritten ?? call.call.function.arguments);
}

/** True when the call may start; false when it has its result (denied, refused, rejected) or the run was let go. */
async function permitted(
  context: LoopContext,
  run: RunState,
  call: CallState,
  tool: Tool,
  asked: Record<string, unknown>,
  signal: AbortSignal,
): Promise<boolean> {
  const isDecided = call.decision !== undefined;
  if (!isDecided) {
    const verdict = await unlessAborted(signal, () => judge(context, run, call, tool, asked, signal));
    if (verdict === undefined || signal.aborted) return false;
    if (verdict.kind === 'result') {
      await respond(
        context,
        run,
        call,
        verdict.outcome,
        { output: verdict.output, is_error: true },
        verdict.events,
      );
      return false;
    }
    if (verdict.kind === 'ask') await beforeQuestion(context, run, call.call.id);
    await context.log.append({
      step_id: `${run.run_id}/${run.turn}/decide/${call.index}`,
      flush: verdict.kind === 'ask',
      events: verdict.events,
    });
    if (verdict.kind === 'allow') return true;
  }
  const final = finalArguments(call, tool);
  const args = final.ok ? final.args : asked;
  // Decided by a process that is gone: a deny that was accepted since then holds (R7, R14).
  if (call.request_id === undefined) return !isDecided || stillAllowed(context, run, call, tool, args);
  while (call.answer === undefined) {
    if (signal.aborted) return false;
    await context.pump();
    if (call.answer !== undefined) break;
    const end = unanswered(context, run, call.request_id);
    if (end !== undefined) {
      await withdraw(context, run, call, call.request_id, end);
      return false;
    }
    await changedOrExpired(context, [call.request_id], signal);
  }
  return answered(context, run, call, tool, args);
}

/** A question that has no answer and gets none (R8). */
async function withdraw(
  context: LoopContext,
  run: RunState,
  call: CallState,
  request_id: string,
  { outcome, reason }: Unanswered,
): Promise<void> {
  const output = `Refused: this needs a yes, and nobody is there to give it (${reason}).`;
  const resolved = event('interaction_resolved', run, {
    request_id,
    kind: 'tool_call_confirmation',
    outcome,
    reason,
    ...(outcome === 'expired' ? { by: 'policy' } : {}),
  });
  await respond(context, run, call, 'refused', { output, is_error: true }, [resolved]);
}

async function answered(
  context: LoopContext,
  run: RunState,
  call: CallState,
  tool: Tool,
  args: Record<string, unknown>,
): Promise<boolean> {
  if (call.answer?.decision === 'reject') {
    const { reason } = call.answer;
    const output = `The user rejected this call${reason === undefined || reason === '' ? '' : `: ${reason}`}. Do not repeat it unchanged.`;
    await respond(context, run, call, 'rejected', { output, is_error: true });
    return false;
  }
  return stillAllowed(context, run, call, tool, args);
}

/** Deny rules are always evaluated afresh (R14); false when the call has its refusal as result. */
async function stillAllowed(
  context: LoopContext,
  run: RunState,
  call: CallState,
  tool: Tool,
  args: Record<string, unknown>,
): Promise<boolean> {
  const denied = await refusedAfresh(context, run, call, tool, args);
  if (denied === undefined) return true;
  await respond(context, run, call, 'denied', { output: denied, is_error: true });
  return false;
}

async function execute(
  context: LoopContext,
  run: RunState,
  call: CallState,
  tool: Tool,
  args: Record<string, unknown>,
  signal: AbortSignal,
): Promise<void> {
  const recovering = call.started;
  if (recovering && tool.recovery === 'rerun' && !(await stillAllowed(context, run, call, tool, args)))
    return;
  if (!recovering) {
    const snapshot = await openSnapshot(context, run, tool, signal);
    if (signal.aborted) return;
    await context.log.append({
      step_id: `${run.run_id}/${run.turn}/start/${call.index}`,
      flush: tool.effect !== 'none' && tool.effect !== 'session',
      events: [
        event('tool_call_started', run, {
          tool_call_id: call.call.id,
          command_id: newId('cmd'),
          ...(snapshot === undefined ? {} : { snapshot }),
          ...(tool.effect === 'delegate'
            ? { child: { session_id: newSessionId(), run_id: newId('run') } }
            : {}),
        }),
      ],
    });
  }
  await withSharedState(context, tool, () => runStarted(context, run, call, tool, args, signal, recovering));
}

/** Calls that share a state read it, change it and record it one after the other: none loses what another wrote. */
async function withSharedState(context: LoopContext, tool: Tool, act: () => Promise<void>): Promise<void> {
  if (tool.shared === true) await context.oneAtATime(`state/${tool.toolset}`, act);
  else await act();
}

async function runStarted(
  context: LoopContext,
  run: RunState,
  call: CallState,
  tool: Tool,
  args: Record<string, unknown>,
  signal: AbortSignal,
  recovering: boolean,
): Promise<void> {
  const begun = context.now().getTime();
  const writes: Record<string, unknown> = {};
  const questions = new CallQuestions(context, run, call, signal);
  const handed = new HandoffRequest(context, run);
  const called = new CalledTools({
    context,
    run,
    call,
    tool,
    signal,
    drive: (other, until) => driveCall(context, run, other, until),
  });
  const toolContext = await makeContext({
    context,
    run,
    call,
    tool,
    args,
    writes,
    questions,
    handed,
    called,
    signal,
  });
  const result = recovering
    ? await recovered(tool, args, toolContext)
    : { outcome: 'done' as const, result: await attempt(() => tool.execute(args, toolContext)) };
  if (signal.aborted && tool.effect === 'delegate' && !childEnded(context, call)) return;
  // Whoever goes on with the run finds the question still standing (R15); an interrupt closes it with the run.
  if (signal.aborted && (questions.isWaiting || called.isOpen)) return;
  const seen = await screened({ context, run, call, tool, args, signal }, result.result);
  // What no guard has looked at is not shown; an interrupt closes the call with the run.
  if (seen === undefined) return;
  const duration_ms = context.now().getTime() - begun;
  const cut = signal.aborted && result.outcome === 'done';
  const outcome = cut ? 'cancelled' : questions.wasRefused ? 'refused' : result.outcome;
  await respond(
    context,
    run,
    call,
    outcome,
    seen,
    [...(await called.leftOver()), ...(outcome === 'done' ? handed.events() : [])],
    {
      agent_name: outcome === 'done' ? handed.sessionAgent : undefined,
      written: { toolset: tool.toolset, shared: tool.shared === true, values: writes },
      duration_ms,
    },
  );
  await afterCall({ context, run, call, tool, args, signal }, seen);
  if (
    tool.effect === 'external' &&
    tool.needsWorkspace !== false &&
    tool.leavesCommand !== true &&
    call.command_id !== undefined
  ) {
    await forget(context, run, call.command_id);
  }
}

/** The call has its result: what a command leaves behind costs room, and not the run. */
async function forget(context: LoopContext, run: RunState, command_id: string): Promise<void> {
  try {
    await (await context.workspace()).forgetCommand(command_id);
  } catch (thrown) {
    const message = `what the command ${command_id} left could not be removed: ${toYonderError(thrown, 'tool_failed').message}`;
    await context.log.append({ events: [event('warning', run, { message })] });
  }
}

function childEnded(context: LoopContext, call: CallState): boolean {
  const child = call.child && context.log.state.conversations.get(call.child.session_id);
  return child === undefined || child.run === undefined;
}
