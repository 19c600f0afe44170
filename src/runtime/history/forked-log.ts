import type { EventDraft, RunRow, SessionPatch, StoredEvent } from '../../protocol/store.ts';
import { foldEvent } from '../fold/fold.ts';
import { type RunState } from '../fold/run-state.ts';
import { emptyState, type LogState } from '../fold/state.ts';
import { event } from '../loop/context.ts';
import { leftOver } from '../loop/finish.ts';
import type { NewIds } from './new-ids.ts';

/** The log of a fork while it is copied: what its events come to, so that what the cut left open is closed behind them. */
export class ForkedLog {
  readonly state: LogState;
  readonly #ids: NewIds;
  readonly #runs = new Map<string, Omit<RunRow, 'root_id'>>();

  constructor(session_id: string, ids: NewIds) {
    this.state = emptyState(session_id);
    this.#ids = ids;
  }

  take(stored: StoredEvent): StoredEvent {
    const copied = { ...stored, json: this.#ids.rewrite(stored.json) };
    const folded = foldEvent(this.state, copied);
    if (!('run_id' in folded) || folded.run_id === undefined || folded.session_id === undefined)
      return copied;
    const { run_id, session_id } = folded;
    const run = this.#runs.get(run_id) ?? { run_id, session_id, first_seq: copied.seq, last_seq: undefined };
    if (folded.type === 'stream_stopped') run.last_seq = copied.seq;
    this.#runs.set(run_id, run);
    return copied;
  }

  /** Ends the runs that the cut left open, the newest first, with their questions and calls; then says where the log comes from. */
  close(origin: { session_id: string; seq: number; turn: number }, title: string): EventDraft[] {
    const { state } = this;
    const session_id = state.root_id;
    const open = [...state.conversations.values()].flatMap(({ run }) => (run === undefined ? [] : [run]));
    const events = open.toReversed().flatMap((run) => this.#end(run));
    for (const [index, draft] of events.entries()) {
      const run =
        draft.type === 'stream_stopped' ? this.#runs.get(String(draft.fields['run_id'])) : undefined;
      if (run !== undefined) run.last_seq = state.head + index + 1;
    }
    if (state.paused)
      events.push({ type: 'runtime_paused', fields: { session_id, paused: false, by: 'fork' } });
    events.push(
      { type: 'history_changed', fields: { session_id, kind: 'fork', removed: [], origin } },
      { type: 'session_title', fields: { session_id, title } },
    );
    return events;
  }

  #end(run: RunState): EventDraft[] {
    const questions = [...this.state.pending.values()].filter((pending) => pending.run_id === run.run_id);
    return [
      ...questions.map(({ request_id, kind }) =>
        event('interaction_resolved', run, {
          request_id,
          kind,
          outcome: 'canceled',
          reason: 'the session was forked',
        }),
      ),
      ...[...run.calls.values()].filter((call) => !call.done).map((call) => leftOver(run, call)),
      event('stream_stopped', run, { reason: 'canceled', undelivered: [], refused: run.refused }),
    ];
  }

  get runs(): Omit<RunRow, 'root_id'>[] {
    return [...this.#runs.values()];
  }

  /** What the row of the session says of all this. */
  patch(first_message: string): SessionPatch {
    const totals = { input_tokens: 0, output_tokens: 0, cost: 0 };
    for (const { usage } of this.state.conversations.values()) {
      totals.input_tokens += usage.input_tokens;
      totals.output_tokens += usage.output_tokens;
      totals.cost += usage.cost;
    }
    const root = this.state.conversations.get(this.state.root_id);
    return { ...totals, num_messages: root?.messages.length ?? 0, first_message, waiting: 0 };
  }
}
