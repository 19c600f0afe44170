import { expect } from 'vitest';
import type { Shown } from './driver-process.ts';
import type { Scenario } from './scenarios.ts';
import type { Stage } from './stage.ts';

const of = (log: readonly Shown[], type: string): Shown[] => log.filter((event) => event.type === type);

function counted(values: readonly unknown[]): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Calls are known by run and id. */
const callKey = (event: Shown): string => {
  const call = event['tool_call'] as { id: string } | undefined;
  const id = event['tool_call_id'] as string | undefined;
  return `${String(event['run_id'])}/${id ?? String(call?.id)}`;
};

/**
 * What must hold of every session whose run was killed somewhere and gone on with (R2, R3, R6, R15, R19, R28). Whoever was killed between the end of a
 * run and letting go leaves a lease that nobody holds and the next one takes: `mayLeaveLease` where nobody came after.
 */
export async function checkWhole(
  stage: Stage,
  session_id: string,
  scenario: Scenario,
  { mayLeaveLease = false } = {},
): Promise<Shown[]> {
  const log = await stage.log(session_id);
  checkRuns(log, scenario);
  checkCalls(log);
  checkHooks(log);
  await checkEffects(stage, log, scenario);
  stage.model.assertValid();
  const row = await stage.look((store) => store.session(session_id));
  expect(row).toMatchObject({ active_run: undefined, waiting: 0, head_seq: log.length });
  expect(await stage.look((store) => store.pendingInputs(session_id))).toEqual([]);
  const lease = await stage.look((store) => store.lease(session_id));
  expect(mayLeaveLease && lease?.alive === false ? undefined : lease).toBeUndefined();
  return log;
}

function checkRuns(log: readonly Shown[], scenario: Scenario): void {
  const started = counted(of(log, 'stream_started').map((event) => event['run_id']));
  const stopped = counted(of(log, 'stream_stopped').map((event) => event['run_id']));
  expect([...started.values()].every((count) => count === 1)).toBe(true);
  expect(stopped).toEqual(started);
  expect(of(log, 'stream_stopped').map((event) => event['reason'])).toEqual([...started].map(() => 'normal'));
  // A job ends with its process, after the run.
  expect(log.findLast((event) => event.type !== 'background_job')?.type).toBe('stream_stopped');
  expect(of(log, 'error')).toEqual([]);
  // What a command has found out is a part of its message, also that nobody knows it.
  const said = of(log, 'user_message').filter(({ message }) =>
    scenario.begin === undefined
      ? message === scenario.message
      : String(message).startsWith(scenario.message),
  );
  expect(said).toHaveLength(1);
  const steered = of(log, 'user_message').filter((event) => event['message'] === scenario.steer);
  expect(steered).toHaveLength(scenario.steer === undefined ? 0 : 1);
  const asked = of(log, 'tool_call_confirmation');
  expect(counted(asked.map((event) => event['request_id'])).size).toBe(scenario.questions);
  expect(counted(asked.map(callKey)).size).toBe(scenario.questions);
  expect(of(log, 'interaction_resolved')).toHaveLength(scenario.questions);
}

/** Each call is asked for, started at most once, and answered once; nothing starts without a decision. */
function checkCalls(log: readonly Shown[]): void {
  const calls = counted(of(log, 'tool_call').map(callKey));
  const responses = counted(of(log, 'tool_call_response').map(callKey));
  expect(responses).toEqual(calls);
  expect([...calls.values()].every((count) => count === 1)).toBe(true);
  for (const [key, count] of counted(of(log, 'tool_call_started').map(callKey)))
    expect([key, count]).toEqual([key, 1]);
  for (const started of of(log, 'tool_call_started')) {
    const decided = log.find(
      (event) => event.type === 'tool_call_decision' && callKey(event) === callKey(started),
    );
    expect(decided?.seq ?? Infinity).toBeLessThan(started.seq ?? 0);
  }
}

/** A hook has one end, of its last attempt, and one id for all; nothing that it guards is decided before (R14). */
function checkHooks(log: readonly Shown[]): void {
  const finished = of(log, 'hook_finished');
  for (const key of new Set(of(log, 'hook_started').map((event) => event['hook_key']))) {
    const started = of(log, 'hook_started').filter((event) => event['hook_key'] === key);
    expect(started.map((event) => event['attempt'])).toEqual(started.map((_, index) => index + 1));
    const last = started.at(-1);
    expect(new Set(started.map((event) => event['invocation_id'])).size).toBe(1);
    expect(
      finished
        .filter((event) => event['hook_key'] === key)
        .map(({ attempt, invocation_id }) => ({ attempt, invocation_id })),
    ).toEqual([{ attempt: last?.['attempt'], invocation_id: last?.['invocation_id'] }]);
  }
  const followed = finished.filter((event) => event['hook_event'] === 'post_tool_use');
  if (followed.length === 0) return;
  const done = of(log, 'tool_call_response').filter((event) => {
    const name = (event['tool_definition'] as { name: string }).name;
    return (
      name === 'shell' && log.some((at) => at.type === 'tool_call_started' && callKey(at) === callKey(event))
    );
  });
  // Each call that ran is followed once, also where the process was gone right after its result.
  expect(counted(followed.map(callKey))).toEqual(counted(done.map(callKey)));
}

/** The words that the call of this response writes, also where its id is not one of ours. */
function wordsOf(log: readonly Shown[], response: Shown): string[] {
  const call = of(log, 'tool_call').find((event) => callKey(event) === callKey(response));
  return Array.from(JSON.stringify(call).matchAll(/echo (\w+) >> effects/g), ([, word = '']) => word);
}

/** Each effect happened exactly once, or its result says that nobody knows. */
async function checkEffects(stage: Stage, log: readonly Shown[], scenario: Scenario): Promise<void> {
  const happened = counted(await stage.effects());
  const unknown = new Set(
    of(log, 'tool_call_response')
      .filter((event) => event['outcome'] === 'unknown')
      .flatMap((event) => [String(event['tool_call_id']), ...wordsOf(log, event)]),
  );
  for (const word of scenario.effects) {
    const count = happened.get(word) ?? 0;
    if (unknown.has(word)) expect([word, count <= 1]).toEqual([word, true]);
    else expect([word, count]).toEqual([word, 1]);
  }
  expect([...happened.keys()].filter((word) => !scenario.effects.includes(String(word)))).toEqual([]);
}

/** Whatever a reader was shown under a number stands there in the log, and its numbers have no gap (R2). */
export function checkShown(events: readonly Shown[], log: readonly Shown[]): void {
  let last: number | undefined;
  for (const event of events) {
    if (event.seq === undefined) continue;
    if (last !== undefined) expect(event.seq).toBe(last + 1);
    last = event.seq;
    expect(event).toEqual(log[event.seq - 1]);
  }
}
