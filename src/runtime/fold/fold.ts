import { parseEvent, type YonderEvent } from '../../protocol/events/events.ts';
import type { Message } from '../../protocol/message.ts';
import type { StoredEvent } from '../../protocol/store.ts';
import { LOOP_EXEMPT } from '../../tools/tool-table.ts';
import { foldFallback, pinFallback } from './fallback.ts';
import { foldSpending } from './spending.ts';
import { foldMoments } from './moments.ts';
import { CALL_FOLDS } from './calls.ts';
import { beginTurn } from './begin-turn.ts';
import { beginCommand } from './command.ts';
import { forgetToolHooks, HOOK_FOLDS } from './hooks.ts';
import { owner, runOf, type Folds } from './owner.ts';
import { SESSION_FOLDS } from './session.ts';
import { foldHistory, foldRunEnd, foldSnapshot, foldStart } from './history.ts';
import { countTurn, progressed } from './tree.ts';
import { newRun, type RunState } from './run-state.ts';
import { addUsage, type ConversationState, type LogState } from './state.ts';

/**
 * Adds one stored event to the state and gives it as it was parsed. Pure in its input: the same log gives the same state, here and
 * after a crash (R22).
 */
export function foldEvent(state: LogState, stored: StoredEvent): YonderEvent {
  const event = parseEvent(stored.json) as YonderEvent & { seq: number };
  state.head = stored.seq;
  const fold = FOLDS[event.type] as ((state: LogState, event: YonderEvent) => void) | undefined;
  fold?.(state, event);
  foldMoments(state, event);
  foldSpending(state.spending, state.root_id, event);
  return event;
}

const FOLDS: Folds = {
  ...CALL_FOLDS,
  ...SESSION_FOLDS,
  ...HOOK_FOLDS,
  stream_started(state, event) {
    const held = owner(state, event);
    const run = newRun(event.run_id ?? '', held, event.agent_name ?? held.agent_name, event.seq);
    run.max_iterations = event.max_iterations ?? 0;
    run.unattended = event.unattended;
    run.skill = event.skill;
    held.agent_name = run.agent_name;
    held.run = run;
  },
  stream_stopped(state, event) {
    foldRunEnd(state, event);
    const held = owner(state, event);
    const run = runOf(state, event);
    if (run === undefined) return;
    run.stopped = event.reason;
    held.last_run = run;
    held.run = undefined;
    const above = held.parent && state.conversations.get(held.parent.session_id)?.run;
    if (above) above.refused += run.refused;
  },
  user_message(state, event) {
    const held = owner(state, event);
    const message_id = event.message_id ?? `seq_${event.seq}`;
    foldStart(state, event, message_id);
    held.messages.push({
      message_id,
      role: 'user',
      content: event.message,
      ...(event.multi_content === undefined ? {} : { parts: event.multi_content }),
      created_at: event.timestamp,
    });
    countAsInput(held, event.run_id, event.message_id);
    const run = runOf(state, event);
    if (run !== undefined) beginTurn(run);
    // A message that was taken after a person's own command makes its run one of the agent.
    if (run?.shell?.ended === true) run.shell = undefined;
    // So does one that was taken after a compaction on demand.
    if (run?.compaction_only === true && run.compacted) run.compaction_only = false;
    if (run !== undefined && event.source === 'command') run.command = undefined;
    if (run !== undefined && event.skill !== undefined) run.skill = event.skill;
  },
  model_call(state, event) {
    if (event.played !== undefined) state.played.push(...event.played);
    const run = runOf(state, event);
    // What a tool asks for is no step of the conversation.
    if (run === undefined || event.purpose === 'sample') return;
    if (event.purpose !== 'compaction' && event.turn > run.turn) countTurn(state, run);
    if (event.purpose !== 'compaction') run.turn = event.turn;
    run.attempts = event.attempt;
    if (event.purpose !== 'compaction' && event.system !== undefined) run.system = event.system;
    run.answered = false;
    run.calling = {
      message_id: event.message_id ?? '',
      attempt: event.attempt,
      model: event.model,
      purpose: event.purpose ?? 'turn',
    };
  },
  model_fallback(state, event) {
    if (event.played !== undefined) state.played.push(...event.played);
    const run = runOf(state, event);
    if (run !== undefined) foldFallback(run, event);
  },
  message_added(state, event) {
    const { message } = event;
    if (message === undefined) return;
    const held = owner(state, event);
    held.messages.push(message);
    addUsage(held.usage, message.usage, message.cost);
    if (event.played !== undefined) state.played.push(...event.played);
    const run = runOf(state, event);
    if (run === undefined || message.role !== 'assistant') return;
    progressed(state, run);
    pinFallback(state, run, event.timestamp);
    run.calling = undefined;
    run.attempts = 0;
    run.answered = true;
    run.compacted = false;
    run.calls = new Map();
    forgetToolHooks(run);
    countBatch(run, message);
  },
  shell(state, event) {
    const shell = runOf(state, event)?.shell;
    if (shell === undefined) return;
    if (event.status === 'started') shell.command_id = event.command_id;
    if (event.status !== 'ended') return;
    shell.ended = true;
    owner(state, event).messages.push({
      message_id: `shell_${event.seq}`,
      role: 'user',
      content: event.response ?? '',
      created_at: event.timestamp,
    });
  },
  agent_switching(state, event) {
    const run = runOf(state, event);
    if (run === undefined || event.kind !== 'handoff' || event.to_agent === undefined) return;
    run.handed_to = event.to_agent;
    run.handoffs += 1;
  },
  token_usage(state, event) {
    const { usage } = owner(state, event);
    usage.context_length = event.usage.context_length;
    usage.context_limit = event.usage.context_limit;
  },
  session_compaction(state, event) {
    const run = runOf(state, event);
    if (run === undefined) return;
    const reason = event.reason === 'tool_overflow' ? 'overflow' : (event.reason ?? 'threshold');
    run.compacting = event.status === 'started' ? reason : undefined;
    if (event.status !== 'started') {
      run.calling = undefined;
      run.attempts = 0;
      run.compacted = true;
    }
    if (event.status === 'completed' && event.reason === 'overflow') run.overflow_compactions += 1;
  },
  session_summary(state, event) {
    const held = owner(state, event);
    held.earlier_windows.push({ window_start: held.window_start, summary: held.summary });
    held.summary = event.summary;
    if (event.played !== undefined) state.played.push(...event.played);
    const kept = held.messages.findIndex((message) => message.message_id === event.first_kept_message);
    held.window_start = kept === -1 ? held.messages.length : kept;
    held.usage.context_length = 0;
    if (event.usage !== undefined) addUsage(held.usage, event.usage, event.cost);
  },
  model_sample(state, event) {
    if (event.played !== undefined) state.played.push(...event.played);
    if (event.usage !== undefined) addUsage(owner(state, event).usage, event.usage, event.cost);
  },
  workspace_snapshot: foldSnapshot,
  workspace_restore(state, event) {
    state.history.restoring = event.input_id;
  },
  history_changed: foldHistory,
  input_taken(state, event) {
    if (event.include_background === true) state.stop_jobs = true;
    if (event.refused !== undefined)
      state.history.outcomes.set(event.input_id, { kind: 'refused', details: undefined, ...event.refused });
    const run = runOf(state, event);
    if (run === undefined) return;
    // The input that began a run is taken with its beginning.
    if (run.parent === undefined && run.turn === 0) run.started_by ??= event.by;
    if (event.kind === 'interrupt') run.interrupted_by = event.by;
    if (event.kind === 'compact') {
      run.compaction_only = run.turn === 0 && !run.answered;
      run.instruction = event.instruction;
    }
    beginCommand(run, event);
    if (event.kind === 'shell' && event.command !== undefined)
      run.shell = { command: event.command, command_id: undefined, ended: false };
  },
  warning(state, event) {
    if (event.played !== undefined) state.played.push(...event.played);
  },
  error(state, event) {
    if (event.played !== undefined) state.played.push(...event.played);
    const run = runOf(state, event);
    if (run !== undefined) run.failed = { code: event.code ?? 'internal', message: event.error };
  },
  run_recovered(state, event) {
    const run = runOf(state, event);
    if (run === undefined) return;
    run.recoveries = event.attempt;
    if (event.unattended === undefined) return;
    for (const held of state.conversations.values())
      if (held.run !== undefined) held.run.unattended = event.unattended;
  },
};

function countAsInput(held: ConversationState, run_id?: string, message_id?: string): void {
  if (run_id === undefined || message_id === undefined) return;
  if (held.inputs?.run_id !== run_id) held.inputs = { run_id, message_ids: new Set() };
  held.inputs.message_ids.add(message_id);
}

function countBatch(run: RunState, message: Message): void {
  const key = JSON.stringify(
    (message.tool_calls ?? [])
      .filter((call) => !LOOP_EXEMPT.has(call.function.name))
      .map((call) => [call.function.name, call.function.arguments]),
  );
  run.batch_repeats = key !== '[]' && key === run.batch_key ? run.batch_repeats + 1 : 1;
  run.batch_key = key;
}
