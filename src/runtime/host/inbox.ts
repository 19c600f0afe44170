import type { EventDraft, InputKind, InputRow } from '../../protocol/store.ts';
import { SESSION_RULE } from '../decisions/offers.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LogState } from '../fold/state.ts';

/** Kinds that the owner carries out as soon as it sees them; the others wait for a boundary of the run (R20). */
const AT_ONCE: ReadonlySet<InputKind> = new Set([
  'answer',
  'interrupt',
  'pause',
  'settings',
  'title',
  'star',
  'toolset_restart',
]);

/** Kinds that start a run of an idle session. */
export const STARTERS: readonly InputKind[] = [
  'run',
  'steer',
  'follow_up',
  'compact',
  'shell',
  'command',
  'skill',
  'prompt',
];

/** Kinds that take back what was said and done; like those, they wait until no run is open. */
export const TAKERS: readonly InputKind[] = ['undo', 'reset'];

/** A title that a model has to make waits until no run is open. */
export function isImmediate(row: InputRow): boolean {
  return AT_ONCE.has(row.kind) && row.payload['generate'] !== true;
}

/** What an immediate input means in the log. An answer that came too late changes nothing but is recorded as taken. */
export function eventsOfInput(state: LogState, row: InputRow): EventDraft[] {
  const run = meantRun(state, row);
  const common = { session_id: row.session_id, ...(run === undefined ? {} : { run_id: run.run_id }) };
  const taken = {
    type: 'input_taken',
    fields: { ...common, input_id: row.input_id, kind: row.kind, by: row.by },
  };
  switch (row.kind) {
    case 'answer':
      return [taken, ...answerEvents(state, row)];
    case 'interrupt':
      return [
        row.payload['include_background'] === true
          ? { ...taken, fields: { ...taken.fields, include_background: true } }
          : taken,
        ...childInterrupts(state, run, row),
      ];
    case 'pause':
      // What holds already is not said twice.
      return state.paused === (row.payload['paused'] === true) ? [taken] : [taken, pausedEvent(common, row)];
    case 'settings':
      return [taken, { type: 'settings_changed', fields: { ...common, ...row.payload, by: row.by } }];
    case 'title':
      return [taken, { type: 'session_title', fields: { ...common, title: row.payload['title'] } }];
    default:
      return [taken];
  }
}

function pausedEvent(common: Record<string, unknown>, row: InputRow): EventDraft {
  return {
    type: 'runtime_paused',
    fields: { ...common, paused: row.payload['paused'] === true, by: row.by },
  };
}

/** The run that an input is about. An interrupt means one run: what comes after that has ended leaves the next one alone. */
function meantRun(state: LogState, row: InputRow): RunState | undefined {
  const run = state.conversations.get(row.session_id)?.run;
  const named = row.kind === 'interrupt' ? row.payload['run_id'] : undefined;
  return named === undefined || named === run?.run_id ? run : undefined;
}

/** An interrupt of a run is one of every run that it started (R7). */
function childInterrupts(state: LogState, run: RunState | undefined, row: InputRow): EventDraft[] {
  if (run === undefined) return [];
  const events: EventDraft[] = [];
  for (const call of run.calls.values()) {
    const child = call.child && state.conversations.get(call.child.session_id)?.run;
    if (!child) continue;
    const fields = { session_id: child.session_id, run_id: child.run_id, parent: child.parent };
    events.push({
      type: 'input_taken',
      fields: { ...fields, input_id: row.input_id, kind: 'interrupt', by: row.by },
    });
    events.push(...childInterrupts(state, child, row));
  }
  return events;
}

function answerEvents(state: LogState, row: InputRow): EventDraft[] {
  const { request_id, decision, reason, rule, content } = row.payload;
  const pending = state.pending.get(String(request_id));
  if (pending === undefined) return [];
  const run = state.conversations.get(pending.session_id);
  const fields = {
    session_id: pending.session_id,
    run_id: pending.run_id,
    ...(run?.parent === undefined ? {} : { parent: run.parent }),
  };
  const resolved: EventDraft = {
    type: 'interaction_resolved',
    fields: {
      ...fields,
      request_id,
      kind: pending.kind,
      outcome: 'answered',
      answer: {
        decision,
        ...(rule === undefined ? {} : { rule }),
        ...(content === undefined ? {} : { content }),
      },
      by: row.by,
      ...(reason === undefined ? {} : { reason }),
    },
  };
  const allow =
    decision === 'approve_session' ? SESSION_RULE : decision === 'approve_tool' ? rule : undefined;
  if (typeof allow !== 'string') return [resolved];
  return [
    resolved,
    {
      type: 'settings_changed',
      fields: { ...fields, permissions: { allow: [allow] }, by: row.by, request_id },
    },
  ];
}
