import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/session/index.ts';
import { patience } from '../../src/testing/contract/patience.ts';
import { cases, tried } from '../long.ts';
import { RefusedError, type DriverProcess } from './driver-process.ts';
import { closeGate, GATED_RUN, openGate } from './gate.ts';
import { DELEGATION, effect, oneAgent, turnOf } from './scenarios.ts';
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
    expect(performance.now() - begun).toBeLessThan(patience(2_000));
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
    expect(performance.now() - begun).toBeLessThan(patience(2_000));
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

const ASKING = (model_url: string): string => `
agents:
  root:
    model: scripted
    description: Asks
    instruction: Be root.
    toolsets: [{ type: shell }, { type: user_prompt }]
  other:
    model: scripted
    description: Another
    instruction: Be other.
    toolsets: [{ type: shell }]
models:
  scripted: { provider: openai, model: scripted, base_url: ${model_url} }
`;
const FORM = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] };
const ask = { id: 'ask', name: 'user_prompt', arguments: { message: 'How old?', schema: FORM } };

test('everything that can be sent to a live run reaches it from a second process, in order and with who sent it', async () => {
  const stage = await openStage(
    {
      team: ASKING,
      safety: 'balanced',
      turns: [
        turnOf('go', 0, { tool_calls: [effect('one')] }),
        turnOf('go', 1, { tool_calls: [ask] }),
        turnOf('go', 2, { text: 'Nice.' }),
        { hang_after: 'before' },
      ],
    },
    1,
  );
  const first = stage.process();
  const session_id = await stage.session(first, { agent_name: 'root' });
  const run = await first.call('session/run', { session_id, messages: [{ content: 'go' }] });
  const question = await first.shown('tool_call_confirmation');

  const second = stage.process();
  const send = (name: string, request: Record<string, unknown>) =>
    second.call(`session/${name}`, { session_id, ...request });
  expect((await send('open', {}))?.['pending_interactions']).toMatchObject([
    { request_id: question['request_id'], kind: 'tool_call_confirmation' },
  ]);
  const messages = (content: string) => ({ messages: [{ content }] });
  await expect(send('run', messages('me too'))).rejects.toMatchObject({ refusal: { code: 'run_busy' } });
  await send('title', { title: 'From the second' });
  await send('set_model', { agent_name: 'root', model: 'scripted' });
  await send('set_permissions', { permissions: { deny: ['shell:cmd=rm *'] } });
  await send('set_safety', { safety: 'strict' });
  await send('agent', { agent_name: 'other' });
  const steer = await send('steer', messages('faster'));
  expect(steer).toEqual({ input_id: expect.stringMatching(/^inp_/) });
  await send('follow_up', messages('and then'));
  expect(await send('pause', { paused: true })).toMatchObject({ paused: true, was_paused: false });
  expect(await send('pause', { paused: true })).toMatchObject({ paused: true, was_paused: true });
  await send('answer', { request_id: question['request_id'], decision: 'approve' });
  await first.shown('tool_call_response');
  expect((await send('open', {}))?.['paused']).toBe(true);
  expect(stage.model.journal).toHaveLength(1);

  expect(await send('pause', { paused: false })).toMatchObject({ paused: false, was_paused: true });
  // The mode is strict by now, so that the form itself has to be allowed.
  const may = await first.shown('tool_call_confirmation', ({ seq }) => Number(seq) > Number(question.seq));
  expect(JSON.stringify(stage.model.journal[1]?.body)).toContain('faster');
  await send('answer', { request_id: may['request_id'], decision: 'approve' });
  const form = await first.shown('elicitation_request');
  const { request_id } = form;
  await expect(
    send('answer', { request_id, decision: 'accept', content: { age: 'x' } }),
  ).rejects.toMatchObject({
    refusal: { code: 'invalid_request', details: { field: 'content.age' } },
  });
  await send('answer', { request_id, decision: 'accept', content: { age: 36 } });
  await expect(send('answer', { request_id, decision: 'cancel' })).rejects.toMatchObject({
    refusal: { code: 'already_resolved', details: { by: 'admin', answer: { content: { age: 36 } } } },
  });
  // The follow-up is told at the natural stop; the model then never answers.
  await expect.poll(() => stage.model.journal.length).toBe(4);
  expect(JSON.stringify(stage.model.journal[3]?.body)).toContain('and then');
  await send('steer', messages('too late'));
  expect(await send('interrupt', {})).toMatchObject({ was_running: true });
  expect(await first.ended(String(run?.['run_id']))).toBe(true);
  expect(await send('interrupt', {})).toEqual({ was_running: false });

  const log = await stage.log(session_id);
  const taken = log.filter(({ type }) => type === 'input_taken');
  expect(taken.map(({ kind }) => kind)).toEqual(
    // Steers and follow-ups wait for their place in the run; all else is taken as it comes.
    'run title settings settings settings settings pause pause answer pause steer answer answer follow_up interrupt steer'.split(
      ' ',
    ),
  );
  expect(new Set(taken.map(({ by }) => by))).toEqual(new Set(['admin']));
  expect(log.filter(({ type }) => type === 'runtime_paused').map(({ paused }) => paused)).toEqual([
    true,
    false,
  ]);
  expect(log.at(-1)).toMatchObject({ reason: 'canceled', undelivered: [{ content: 'too late' }] });
  expect(log.findLast(({ type }) => type === 'session_title')?.['title']).toBe('From the second');
  expect(await stage.effects()).toEqual(['one']);
});
