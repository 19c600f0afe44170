import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/session/index.ts';
import { cases, tried } from '../long.ts';
import { RefusedError, type DriverProcess } from './driver-process.ts';
import { closeGate, GATED_RUN, openGate } from './gate.ts';
import { DELEGATION, oneAgent, turnOf } from './scenarios.ts';
import { openStage, type Stage } from './stage.ts';

/** A run of the first process that stands at the gate. */
async function gated(): Promise<{
  stage: Stage;
  first: DriverProcess;
  session_id: string;
  run_id: string;
}> {
  const stage = await openStage(GATED_RUN);
  closeGate(stage.folder);
  const first = stage.process();
  const session_id = await stage.session(first);
  const run = await first.call('session/run', { session_id, messages: [{ content: GATED_RUN.message }] });
  await first.shown('tool_call_started');
  return { stage, first, session_id, run_id: String(run?.['run_id']) };
}

async function refusal(asked: Promise<unknown>): Promise<RefusedError['refusal']> {
  const thrown: unknown = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof RefusedError) return thrown.refusal;
  throw new Error('it was not refused', { cause: thrown });
}

test('while the owner is stopped a second process follows and nothing is done twice', async () => {
  const { stage, first, session_id, run_id } = await gated();
  first.signal('SIGSTOP');
  const second = stage.process();
  const resumed = await second.call('session/create', { resume_session_id: session_id });
  expect(resumed?.['recovered']).toBeUndefined();
  expect(resumed?.['active_run']).toMatchObject({ run_id, pid: first.pid, here: false });
  await second.call('session/events', { session_id, run_id });
  await second.shown('log_caught_up');
  const busy = await refusal(second.call('session/run', { session_id, messages: [{ content: 'me too' }] }));
  expect(busy).toMatchObject({ code: 'run_busy', details: { run_id, pid: first.pid } });
  expect(busy.message).toContain(run_id);
  expect(busy.message).toContain(String(first.pid));
  const steer = await second.call('session/steer', { session_id, messages: [{ content: 'faster' }] });
  await openGate(stage.folder);
  first.signal('SIGCONT');
  expect(await second.ended(run_id)).toBe(true);
  expect(await first.ended(run_id)).toBe(true);
  const log = await stage.log(session_id);
  expect(log.filter((event) => event.type === 'model_call')).toHaveLength(2);
  expect(log.filter((event) => event.type === 'run_recovered')).toEqual([]);
  expect(log.find((event) => event['message'] === 'faster')?.['input_id']).toBe(steer?.['input_id']);
  expect(await stage.effects()).toEqual(['one']);
  expect(stage.model.journal).toHaveLength(2);
  stage.model.assertValid();
  expect(second.events.filter((event) => event.seq !== undefined)).toEqual(log);
});

test('after kill -9 of the owner a second process that was there goes on at once, with the command that still runs', async () => {
  const { stage, first, session_id, run_id } = await gated();
  const second = stage.process();
  await second.call('session/events', { session_id, run_id });
  await second.shown('tool_call_started');
  await first.kill();
  const resumed = await second.call('session/create', {
    resume_session_id: session_id,
    safety: 'autonomous',
  });
  expect(resumed?.['recovered']).toMatchObject({ run_id });
  await openGate(stage.folder);
  expect(await second.ended(run_id)).toBe(true);
  const log = await stage.log(session_id);
  const response = log.find((event) => event.type === 'tool_call_response');
  expect(response?.['outcome']).toBe('done');
  expect(response?.['response']).toMatch(/^\[Recovered: /);
  expect(log.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  expect(await stage.effects()).toEqual(['one']);
  expect(stage.model.journal).toHaveLength(2);
});

test('of two processes that send a run at once, one is told which run and process is busy', async () => {
  const stage = await openStage(GATED_RUN);
  closeGate(stage.folder);
  const [left, right] = [stage.process(), stage.process()];
  const session_id = await stage.session(left);
  await right.call('session/open', { session_id });
  const request = { session_id, messages: [{ content: GATED_RUN.message }] };
  const settled = await Promise.allSettled([
    left.call('session/run', request),
    right.call('session/run', request),
  ]);
  const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as RefusedError] : []));
  expect(refused.map((error) => error.refusal.code)).toEqual(['run_busy']);
  const owner = settled[0].status === 'fulfilled' ? left : right;
  const other = owner === left ? right : left;
  await owner.shown('tool_call_started');
  const busy = await refusal(other.call('session/run', request));
  const accepted = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(busy).toMatchObject({
    code: 'run_busy',
    details: { run_id: accepted[0]?.['run_id'], pid: owner.pid },
  });
  await openGate(stage.folder);
  expect(await owner.ended(String(accepted[0]?.['run_id']))).toBe(true);
  expect(await stage.effects()).toEqual(['one']);
});

test(
  'a second process answers a question of a live run, and the owner takes it within two seconds',
  { retry: 2 },
  async () => {
    const stage = await openStage(DELEGATION);
    const [first, second] = [stage.process(), stage.process()];
    const session_id = await stage.session(first);
    const run = await first.call('session/run', { session_id, messages: [{ content: DELEGATION.message }] });
    await first.shown('tool_call_confirmation');
    const opened = await second.call('session/open', { session_id });
    const [pending] = (opened?.['pending_interactions'] ?? []) as { request_id: string }[];
    const begun = performance.now();
    await second.call('session/answer', { session_id, request_id: pending?.request_id, decision: 'approve' });
    await first.shown('interaction_resolved');
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(await first.ended(String(run?.['run_id']))).toBe(true);
    expect(await stage.effects()).toEqual(['one']);
    const late = await refusal(
      second.call('session/answer', { session_id, request_id: pending?.request_id, decision: 'reject' }),
    );
    expect(late.code).toBe('already_resolved');
  },
);

test(
  'a second process interrupts a live run: its command is ended within two seconds',
  { retry: 2 },
  async () => {
    const { stage, first, session_id, run_id } = await gated();
    const second = stage.process();
    await second.call('session/open', { session_id });
    const begun = performance.now();
    expect(await second.call('session/interrupt', { session_id })).toMatchObject({ was_running: true });
    const stopped = await first.shown('stream_stopped');
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(stopped).toMatchObject({ reason: 'canceled', run_id });
    expect(await stage.effects()).toEqual([]);
    expect(stage.model.journal).toHaveLength(1);
  },
);

test('an interrupt that names a run which has ended leaves the next run alone, late in the inbox too', async () => {
  const turns = [turnOf('gate', 0, { text: 'Heard.' }), ...GATED_RUN.turns];
  const stage = await openStage({ ...GATED_RUN, turns }, 1);
  closeGate(stage.folder);
  const [first, second] = [stage.process(), stage.process()];
  const session_id = await stage.session(first);
  const begin = async (): Promise<string> => {
    const messages = [{ content: GATED_RUN.message }];
    return String((await first.call('session/run', { session_id, messages }))?.['run_id']);
  };
  const over = await begin();
  expect(await first.ended(over)).toBe(true);
  const next = await begin();
  await first.shown('tool_call_started');
  expect(await second.call('session/interrupt', { session_id, run_id: over })).toEqual({
    was_running: false,
  });
  // One that was accepted while that run still went on, and is read when it has ended.
  const late = { input_id: 'input_late', by: 'somebody', created_at: new Date().toISOString() };
  const about = { root_id: session_id, session_id, payload: { run_id: over } };
  const store = await openStore({ path: join(stage.data, 'session.db') });
  await store.sendInput({ ...late, ...about, kind: 'interrupt' });
  await store.close();
  await first.shown('input_taken', (event) => event['input_id'] === late.input_id);
  await openGate(stage.folder);
  expect(await first.ended(next)).toBe(true);
  const ends = (await stage.log(session_id)).filter((event) => event.type === 'stream_stopped');
  expect(ends.map(({ run_id, reason }) => [run_id, reason])).toEqual([
    [over, 'normal'],
    [next, 'normal'],
  ]);
  expect(await stage.effects()).toEqual(['one']);
});

test('inputs that two processes send to one session in turn and at once are all taken', async (context) => {
  const rounds = cases(6, 60);
  const answer = turnOf('', 0, { text: 'Heard.' });
  const stage = await openStage({ team: oneAgent, safety: 'balanced', turns: [answer] }, rounds * 4);
  const [left, right] = [stage.process(), stage.process()];
  const session_id = await stage.session(left);
  await left.call('session/events', { session_id });
  for (let round = 0; round < rounds; round += 1) {
    const sent = await Promise.all(
      [left, right].map((process, side) =>
        process.call('session/follow_up', { session_id, messages: [{ content: `${round} ${side}` }] }),
      ),
    );
    for (const input of sent)
      await left.shown('user_message', (event) => event['input_id'] === input?.['input_id']);
  }
  const last = await right.call('session/open', { session_id });
  expect(last?.['queue']).toMatchObject({ followup: { depth: 0 } });
  tried(context, rounds);
});
