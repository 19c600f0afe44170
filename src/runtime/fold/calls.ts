import type { EventOf } from '../../protocol/events/events.ts';
import type { InteractionKind } from '../../protocol/interaction.ts';
import { keepResult } from './command.ts';
import { handOver } from './hand-over.ts';
import { foldOpened } from './history.ts';
import { owner, runOf, type Folds } from './owner.ts';
import { newCall } from './call-state.ts';
import { type RunState } from './run-state.ts';
import { type LogState } from './state.ts';
import { foldResult, givenBy } from './tool-result.ts';
import { progressed } from './tree.ts';

/** Tool calls from their being asked for to their results, and the questions that a person is put. */
export const CALL_FOLDS: Folds = {
  tool_call(state, event) {
    const { tool_call, index, source, caller } = event;
    const run = runOf(state, event);
    run?.calls.set(tool_call.id, newCall(tool_call, index ?? run.calls.size, source, caller));
  },
  tool_call_decision(state, event) {
    const run = runOf(state, event);
    const call = run?.calls.get(event.tool_call_id);
    if (call === undefined) return;
    call.decision = event.decision;
    call.decided_by = { source: event.source, layer: event.layer };
    call.rewritten = event.arguments ?? call.rewritten;
    progressed(state, run);
  },
  tool_call_confirmation(state, event) {
    const run = runOf(state, event);
    const call = run?.calls.get(event.tool_call.id);
    if (run === undefined || call === undefined || event.request_id === undefined) return;
    call.request_id = event.request_id;
    call.arguments_digest = event.arguments_digest;
    ask(state, run, event.request_id, 'tool_call_confirmation', event);
  },
  elicitation_request(state, event) {
    const run = runOf(state, event);
    if (run === undefined || event.request_id === undefined) return;
    const questions = run.calls.get(event.tool_call_id ?? '')?.questions ?? [];
    // Recovery shows a question again to those who read from there on.
    if (!questions.some((question) => question.request_id === event.request_id))
      questions.push({
        request_id: event.request_id,
        held_by: event.held_by ?? 'step',
        answer: undefined,
      });
    ask(state, run, event.request_id, 'elicitation', event);
  },
  authorization_event(state, event) {
    const run = runOf(state, event);
    if (run !== undefined && event.request_id !== undefined)
      ask(state, run, event.request_id, 'authorization', event);
  },
  max_iterations_reached(state, event) {
    const run = runOf(state, event);
    if (run !== undefined && event.request_id !== undefined)
      ask(state, run, event.request_id, 'max_iterations', event);
  },
  interaction_resolved(state, event) {
    const tool = toolOf(state.pending.get(event.request_id)?.event);
    state.pending.delete(event.request_id);
    state.asked_at.delete(event.request_id);
    const { outcome: end, by, answer } = event;
    state.resolved.set(event.request_id, {
      outcome: end,
      by,
      answer,
      ...(tool === undefined ? {} : { tool }),
    });
    const run = runOf(state, event);
    if (run === undefined) return;
    const decision = event.answer?.decision ?? '';
    if (event.kind === 'elicitation') {
      const { outcome, reason } = event;
      for (const { questions } of run.calls.values())
        for (const question of questions)
          if (question.request_id === event.request_id)
            question.answer = { decision, content: event.answer?.['content'], reason, outcome };
    }
    if (event.outcome !== 'answered') return;
    progressed(state, run);
    if (event.kind === 'max_iterations') {
      extend(run, decision === 'continue', event.by === 'policy');
      return;
    }
    for (const call of run.calls.values()) {
      if (call.request_id === event.request_id)
        call.answer = { decision, reason: event.reason, by: event.by };
    }
  },
  tool_call_started(state, event) {
    foldOpened(state, event);
    const run = runOf(state, event);
    const call = run?.calls.get(event.tool_call_id);
    if (call === undefined) return;
    progressed(state, run);
    call.started = true;
    call.command_id = event.command_id;
    call.child = event.child;
  },
  tool_call_response(state, event) {
    const run = runOf(state, event);
    progressed(state, run);
    const call = run?.calls.get(event.tool_call_id);
    if (call !== undefined) call.done = true;
    if (call?.source === 'tool') call.given = givenBy(event);
    if (run !== undefined) handOver(state, owner(state, event), run);
    if (run !== undefined && event.outcome === 'refused') run.refused += 1;
    const held = owner(state, event);
    foldResult(state, held, event, call?.source === 'tool' || keepResult(run, call, event.response));
  },
};

function toolOf(
  question: Record<string, unknown> | undefined,
): { identity: string; digest: string } | undefined {
  const { tool_identity: identity, definition_digest: digest } = question ?? {};
  return typeof identity === 'string' && typeof digest === 'string' ? { identity, digest } : undefined;
}

function extend(run: RunState, goOn: boolean, own: boolean): void {
  if (!goOn) run.stop_after_question = true;
  else {
    run.extensions += 1;
    if (own) run.own_extensions += 1;
  }
}

function ask(
  state: LogState,
  run: RunState,
  request_id: string,
  kind: InteractionKind,
  event:
    | EventOf<'tool_call_confirmation'>
    | EventOf<'max_iterations_reached'>
    | EventOf<'authorization_event'>
    | EventOf<'elicitation_request'>,
): void {
  // Recovery puts it again; it waits since it was put first.
  if (!state.asked_at.has(request_id)) state.asked_at.set(request_id, Date.parse(event.timestamp));
  state.pending.set(request_id, {
    request_id,
    kind,
    held_by: event.held_by ?? 'step',
    session_id: run.session_id,
    run_id: run.run_id,
    event: { ...event },
  });
}
