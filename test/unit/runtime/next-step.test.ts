import { describe, expect, test } from 'vitest';
import type { ToolCall } from '../../../src/protocol/message.ts';
import type { InputRow } from '../../../src/protocol/store.ts';
import type { ResolvedAgent } from '../../../src/protocol/team.ts';
import { type CallState } from '../../../src/runtime/fold/call-state.ts';
import { newRun, type RunState } from '../../../src/runtime/fold/run-state.ts';
import { conversation, emptyState } from '../../../src/runtime/fold/state.ts';
import { limitedRun } from '../../../src/runtime/loop/limit.ts';
import { nextStep, type StepInput } from '../../../src/runtime/loop/next-step.ts';

const AGENT = { name: 'root', max_consecutive_tool_calls: 5 } as ResolvedAgent;

function call(index: number, name: string, done = false): CallState {
  const tool: ToolCall = { id: `c${index}`, type: 'function', function: { name, arguments: '{}' } };
  return {
    call: tool,
    index,
    source: undefined,
    rewritten: undefined,
    caller: undefined,
    given: undefined,
    decision: undefined,
    decided_by: undefined,
    request_id: undefined,
    arguments_digest: undefined,
    answer: undefined,
    questions: [],
    started: false,
    command_id: undefined,
    child: undefined,
    done,
  };
}

function input(change: (run: RunState) => void = () => undefined, more: Partial<StepInput> = {}): StepInput {
  const held = conversation(emptyState('s'), 's');
  const run = newRun('r', held, 'root', 1);
  change(run);
  return {
    run,
    conversation: held,
    agent: AGENT,
    steers: [],
    followUps: [],
    paused: false,
    snapshot_open: false,
    asking: false,
    nobody_answers: false,
    added_tokens: 0,
    at_limit: limitedRun(emptyState('s'), run) !== undefined,
    told_to_stop: run.stop_after_question,
    isParallel: ({ call }) => call.function.name.startsWith('read'),
    ...more,
  };
}

const row = (kind: InputRow['kind'], input_id: string): InputRow => ({
  input_id,
  position: 1,
  root_id: 's',
  session_id: 's',
  kind,
  payload: {},
  by: 'admin',
  created_at: '',
});

const calls =
  (...states: CallState[]) =>
  (run: RunState) => {
    run.answered = true;
    run.calls = new Map(states.map((state) => [state.call.id, state]));
  };

describe('before a model call', () => {
  test('a new run calls the model', () => {
    expect(nextStep(input())).toEqual({ kind: 'call_model' });
  });
  test('a steer enters first, and never between results of a turn (R20)', () => {
    const steer = row('steer', 'i1');
    expect(nextStep(input(undefined, { steers: [steer] }))).toEqual({ kind: 'take', inputs: [steer] });
    const open = input(calls(call(0, 'shell', true), call(1, 'shell')), { steers: [steer] });
    expect(nextStep(open).kind).toBe('calls');
  });
  test('a pause holds at every boundary', () => {
    expect(nextStep(input(undefined, { paused: true }))).toEqual({ kind: 'wait' });
    expect(nextStep(input(calls(call(0, 'shell')), { paused: true }))).toEqual({ kind: 'wait' });
  });
  test('the limit of model calls asks, and each yes is worth ten more', () => {
    const at = (turn: number, extensions: number) =>
      nextStep(input((run) => Object.assign(run, { max_iterations: 3, turn, tree_turns: turn, extensions })));
    expect(at(2, 0)).toEqual({ kind: 'call_model' });
    expect(at(3, 0)).toEqual({ kind: 'ask_limit' });
    expect(at(12, 1)).toEqual({ kind: 'call_model' });
    expect(at(13, 1)).toEqual({ kind: 'ask_limit' });
  });
  test('a call that was cut is made again and counts once', () => {
    const cut = input((run) =>
      Object.assign(run, { max_iterations: 3, turn: 3, tree_turns: 3, attempts: 1 }),
    );
    expect(nextStep(cut)).toEqual({ kind: 'call_model' });
  });
  test('a history of more than nine tenths of the window is compacted', () => {
    const full = input(undefined, { added_tokens: 2 });
    full.conversation.usage = { ...full.conversation.usage, context_length: 899, context_limit: 1_000 };
    expect(nextStep(full)).toEqual({ kind: 'compact', reason: 'threshold' });
    expect(nextStep({ ...full, added_tokens: 1 })).toEqual({ kind: 'call_model' });
  });
  test('equal batches end the run after as many as the agent allows', () => {
    const again = input((run) => {
      calls(call(0, 'shell', true))(run);
      run.batch_repeats = 5;
    });
    expect(nextStep(again)).toMatchObject({ kind: 'fail', code: 'loop_detected' });
  });
});

describe('calls of a turn', () => {
  test('those that may run beside others go together up to the first that may not', () => {
    const step = nextStep(
      input(calls(call(0, 'read_a'), call(1, 'read_b'), call(2, 'shell'), call(3, 'read_c'))),
    );
    expect(step.kind === 'calls' && step.calls.map(({ index }) => index)).toEqual([0, 1]);
  });
  test('the others go one after the other, in call order', () => {
    const step = nextStep(input(calls(call(1, 'shell'), call(0, 'shell'))));
    expect(step.kind === 'calls' && step.calls.map(({ index }) => index)).toEqual([0]);
  });
});

describe('the end', () => {
  const answered = (run: RunState): void => {
    run.answered = true;
  };
  test('an answer without calls ends the run', () => {
    expect(nextStep(input(answered))).toEqual({ kind: 'finish', reason: 'normal' });
  });
  test('one follow-up is taken at a natural stop, a steer before it', () => {
    const first = row('follow_up', 'i1');
    const more = { followUps: [first, row('follow_up', 'i2')] };
    expect(nextStep(input(answered, more))).toEqual({ kind: 'take', inputs: [first] });
    const steer = row('steer', 'i3');
    expect(nextStep(input(answered, { ...more, steers: [steer] }))).toEqual({
      kind: 'take',
      inputs: [steer],
    });
  });
  test('a run that only compacts does that first, and then takes what came meanwhile', () => {
    const steers = [row('steer', 'i1')];
    const asked = (compacted: boolean) => (run: RunState) =>
      Object.assign(run, { compaction_only: true, compacted });
    expect(nextStep(input(asked(false), { steers }))).toEqual({ kind: 'compact', reason: 'manual' });
    expect(nextStep(input(asked(true), { steers }))).toEqual({ kind: 'take', inputs: steers });
    expect(nextStep(input(asked(true)))).toEqual({ kind: 'finish', reason: 'normal' });
  });
  test('an interrupt ends it in the middle of its calls, a failure before that', () => {
    const cut = calls(call(0, 'shell'));
    const interrupted = input((run) => {
      cut(run);
      run.interrupted_by = 'admin';
    });
    expect(nextStep(interrupted)).toEqual({ kind: 'finish', reason: 'canceled' });
    interrupted.run.failed = { code: 'model_error', message: 'no' };
    expect(nextStep(interrupted)).toEqual({ kind: 'finish', reason: 'error' });
  });
});
