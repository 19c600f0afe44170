import type { StopReason } from '../../protocol/events/run-events.ts';
import type { EventDraft, InputRow } from '../../protocol/store.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { beforeFinish } from '../hooks/events/before-finish.ts';
import { event, type LoopContext } from './context.ts';
import { unanswered } from './waiting.ts';

/** What a run that does not end by itself gives back: a person who interrupts wants nothing that was queued to go on. */
const RETURNED = { canceled: ['steer', 'follow_up'], other: ['steer'] } as const;

/**
 * Ends a run with its one `stream_stopped`. What it leaves open is closed in the same commit: calls get a result that says so,
 * questions are canceled, steers that nobody read come back (R7). False when an input came in between: the run goes on.
 */
export async function finish(context: LoopContext, run: RunState, reason: StopReason): Promise<boolean> {
  if (await beforeFinish(context, run, reason)) return false;
  const { log } = context;
  const isRoot = run.session_id === log.root_id;
  const undelivered =
    reason === 'normal'
      ? []
      : context.waiting(run.session_id, ...RETURNED[reason === 'canceled' ? 'canceled' : 'other']);
  const questions = [...log.state.pending.values()].filter((pending) => pending.run_id === run.run_id);
  const events: EventDraft[] = [
    ...questions.map(({ request_id, kind }) => {
      const end = unanswered(context, run, request_id);
      const expired = end?.outcome === 'expired' ? { ...end, by: 'policy' } : undefined;
      return event('interaction_resolved', run, {
        request_id,
        kind,
        ...(expired ?? { outcome: 'canceled' as const, reason: `the run ended (${reason})` }),
      });
    }),
    ...[...run.calls.values()].filter((call) => !call.done).map((call) => leftOver(run, call)),
    ...undelivered.map((row) =>
      event('input_taken', run, { input_id: row.input_id, kind: row.kind, by: row.by }),
    ),
    event('stream_stopped', run, {
      reason,
      undelivered: undelivered.map((row) => ({ input_id: row.input_id, content: textOf(row) })),
      refused: run.refused,
    }),
  ];
  const result = await log.append({
    events,
    taken: undelivered.map((row) => row.input_id),
    run_closed: run.run_id,
    ...(reason === 'normal' && isRoot
      ? {
          require_no_input: {
            session_id: run.session_id,
            kinds: ['steer', 'follow_up', 'interrupt'] as const,
          },
        }
      : {}),
    session: isRoot ? { active_run: undefined } : {},
  });
  return result.kind !== 'input_waits';
}

/** The result of a call that its run left open. */
export function leftOver(run: RunState, call: CallState): EventDraft {
  const response = call.started
    ? 'The run was stopped while this call was under way; what it had done stays done.'
    : 'This call was not started: the run was stopped before it.';
  return event('tool_call_response', run, {
    tool_call_id: call.call.id,
    response,
    index: call.index,
    outcome: call.started ? 'cancelled' : 'not_started',
    result: { output: response, isError: true },
  });
}

/** A call that nobody waits for any more: its question is taken back, and it has a result. */
export function withdrawn(context: LoopContext, run: RunState, call: CallState): EventDraft[] {
  const pending = [...context.log.state.pending.values()].filter(
    ({ request_id }) =>
      request_id === call.request_id || call.questions.some((question) => question.request_id === request_id),
  );
  return [
    ...pending.map(({ request_id, kind }) =>
      event('interaction_resolved', run, {
        request_id,
        kind,
        outcome: 'canceled',
        reason: 'the call that asked for this one has ended',
      }),
    ),
    leftOver(run, call),
  ];
}

export function textOf(row: InputRow): string {
  const { messages } = row.payload;
  if (!Array.isArray(messages)) return '';
  return messages.map((message: { content: string }) => message.content).join('\n');
}
