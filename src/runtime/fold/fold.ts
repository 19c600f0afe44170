import { parseEvent, type EventOf, type YonderEvent } from '../../protocol/events/events.ts';
import type { Message } from '../../protocol/message.ts';
import type { StoredEvent } from '../../protocol/store.ts';
import { JOBS_TOOLSET, liveJobs } from '../../tools/shell/job-state.ts';
import { LOOP_EXEMPT } from '../../tools/tool-table.ts';
import { foldFallback, forgetFailures, pinFallback } from './fallback.ts';
import { foldResult, givenBy, keep } from './tool-result.ts';
import { foldSpending } from './spending.ts';
import { beginCommand, keepResult } from './command.ts';
import { handOver } from './hand-over.ts';
import { foldHistory, foldOpened, foldRunEnd, foldSnapshot, foldStart } from './history.ts';
import { countTurn, progressed } from './tree.ts';
import {
  addUsage,
  conversation,
  newCall,
  newRun,
  sharedState,
  type ConversationState,
  type LogState,
  type RunState,
} from './state.ts';

/**
 * Adds one stored event to the state and gives it as it was parsed. Pure in its input: the same log gives the same state, here and
 * after a crash (R22).
 */
export function foldEvent(state: LogState, stored: StoredEvent): YonderEvent {
  const event = parseEvent(stored.json) as YonderEvent & { seq: number };
  state.head = stored.seq;
  const fold = FOLDS[event.type] as ((state: LogState, event: YonderEvent) => void) | undefined;
  fold?.(state, event);
  foldSpending(state.spending, state.root_id, event);
  return event;
}

type Common = { session_id: string; run_id?: string | undefined; parent?: ConversationState['parent'] };

function owner(state: LogState, event: Common): ConversationState {
  return conversation(state, event.session_id, event.parent);
}

function runOf(state: LogState, event: Common): RunState | undefined {
  const { run } = owner(state, event);
  return run !== undefined && run.run_id === event.run_id ? run : undefined;
}

type Folds = { [Type in YonderEvent['type']]?: (state: LogState, event: EventOf<Type>) => void };

const FOLDS: Folds = {
  stream_started(state, event) {
    const held = owner(state, event);
    const run = newRun(event.run_id ?? '', held, event.agent_name ?? held.agent_name, event.seq);
    run.max_iterations = event.max_iterations ?? 0;
    run.unattended = event.unattended;
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
    countBatch(run, message);
  },
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
      questions.push({ request_id: event.request_id, answer: undefined });
    ask(state, run, event.request_id, 'elicitation', event);
  },
  max_iterations_reached(state, event) {
    const run = runOf(state, event);
    if (run !== undefined && event.request_id !== undefined)
      ask(state, run, event.request_id, 'max_iterations', event);
  },
  interaction_resolved(state, event) {
    state.pending.delete(event.request_id);
    state.resolved.set(event.request_id, { outcome: event.outcome, by: event.by, answer: event.answer });
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
  runtime_paused(state, event) {
    state.paused = event.paused;
  },
  settings_changed(state, event) {
    if (event.safety !== undefined) state.safety = event.safety;
    if (event.snapshots !== undefined) {
      state.history.on = event.snapshots;
      state.history.since = state.conversations.get(state.root_id)?.messages.length ?? 0;
      state.history.since_fork = false;
    }
    if (event.accept_edits !== undefined) state.accept_edits = event.accept_edits;
    if (event.agent !== undefined) {
      state.agent_name = event.agent;
      // A person chose: what was handed over before binds no more.
      const root = state.conversations.get(state.root_id);
      if (root !== undefined) root.handed_over = [];
    }
    // Ids belong to the cassette that was in use: another one begins at its own first interaction.
    if (event.cassette !== undefined) state.played = [];
    if (event.model === '') state.models.delete(event.model_agent ?? state.agent_name);
    else if (event.model !== undefined) state.models.set(event.model_agent ?? state.agent_name, event.model);
    for (const kind of ['allow', 'ask', 'deny'] as const) {
      for (const rule of event.permissions?.[kind] ?? []) {
        if (!state.rules[kind].includes(rule)) state.rules[kind].push(rule);
      }
    }
  },
  session_title(state, event) {
    state.title = event.title;
    if (event.usage !== undefined) addUsage(owner(state, event).usage, event.usage, event.cost);
  },
  runner_state(state, event) {
    state.runner = event.detail ?? '';
  },
  session_deleted(state) {
    state.deleted = true;
  },
  background_job(state, event) {
    const { job_id, command_id, cmd, cwd, end } = event;
    keep(state.shared_state, { [JOBS_TOOLSET]: { [job_id]: { job_id, command_id, cmd, cwd, end } } });
    if (liveJobs(sharedState(state, JOBS_TOOLSET)).length === 0) state.stop_jobs = false;
  },
  tool_changed(state, event) {
    state.tools.set(event.tool, event.digest);
  },
};

function countAsInput(held: ConversationState, run_id?: string, message_id?: string): void {
  if (run_id === undefined || message_id === undefined) return;
  if (held.inputs?.run_id !== run_id) held.inputs = { run_id, message_ids: new Set() };
  held.inputs.message_ids.add(message_id);
}

/** A user message opens a new turn: the batch before it is over, and the model is to be asked. */
function beginTurn(run: RunState): void {
  run.answered = false;
  run.attempts = 0;
  run.calls = new Map();
  forgetFailures(run);
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
  kind: 'tool_call_confirmation' | 'max_iterations' | 'elicitation',
  event:
    | EventOf<'tool_call_confirmation'>
    | EventOf<'max_iterations_reached'>
    | EventOf<'elicitation_request'>,
): void {
  state.pending.set(request_id, {
    request_id,
    kind,
    held_by: event.held_by ?? 'step',
    session_id: run.session_id,
    run_id: run.run_id,
    event: { ...event },
  });
}
