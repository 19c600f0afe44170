import { expect, test } from 'vitest';
import { until } from '../e2e/cli.ts';
import { closeGate, GATED_RUN, openGate } from './gate.ts';
import type { DriverProcess } from './driver-process.ts';
import { DELEGATION, effect, oneAgent, turnOf } from './scenarios.ts';
import { long } from '../long.ts';
import { openStage, type Stage } from './stage.ts';

interface Cut {
  stage: Stage;
  second: DriverProcess;
  session_id: string;
  run_id: string;
}

/** A run at the gate whose owner is stopped, so that it cannot take what a second process sends; then the owner is killed. */
async function cutAfter(send: (second: DriverProcess, session_id: string) => Promise<unknown>): Promise<Cut> {
  const stage = await openStage(GATED_RUN);
  closeGate(stage.folder);
  const first = stage.process();
  const session_id = await stage.session(first);
  const run = await first.call('session/run', { session_id, messages: [{ content: GATED_RUN.message }] });
  await first.shown('tool_call_started');
  first.signal('SIGSTOP');
  const second = stage.process();
  await send(second, session_id);
  await first.kill();
  return { stage, second, session_id, run_id: String(run?.['run_id']) };
}

async function resume(process: DriverProcess, session_id: string): Promise<string> {
  const resumed = await process.call('session/create', {
    resume_session_id: session_id,
    safety: 'autonomous',
  });
  const recovered = resumed?.['recovered'] as { run_id: string; after: number } | undefined;
  await process.call('session/events', { session_id, ...recovered });
  return recovered?.run_id ?? 'nothing was recovered';
}

test('an interrupt that was accepted before the cut ends the run after it', async () => {
  const { stage, second, session_id, run_id } = await cutAfter((process, id) =>
    process.call('session/interrupt', { session_id: id }),
  );
  expect(await resume(second, session_id)).toBe(run_id);
  expect(await second.ended(run_id)).toBe(true);
  expect(await second.shown('stream_stopped')).toMatchObject({ reason: 'canceled' });
  expect(stage.model.journal).toHaveLength(1);
  expect(await stage.effects()).toEqual([]);
});

test('a pause that was accepted before the cut holds until it is lifted', async () => {
  const { stage, second, session_id, run_id } = await cutAfter((process, id) =>
    process.call('session/pause', { session_id: id, paused: true }),
  );
  await resume(second, session_id);
  await second.shown('runtime_paused');
  expect(await second.call('session/open', { session_id })).toMatchObject({
    paused: true,
    active_run: { run_id },
  });
  expect(stage.model.journal).toHaveLength(1);
  await openGate(stage.folder);
  await second.call('session/pause', { session_id, paused: false });
  expect(await second.ended(run_id)).toBe(true);
  expect(await second.shown('stream_stopped')).toMatchObject({ reason: 'normal' });
  expect(stage.model.journal).toHaveLength(2);
});

test('a steer that was accepted before the cut is read after it', async () => {
  const { stage, second, session_id, run_id } = await cutAfter((process, id) =>
    process.call('session/steer', { session_id: id, messages: [{ content: 'mind the step' }] }),
  );
  await resume(second, session_id);
  await openGate(stage.folder);
  expect(await second.ended(run_id)).toBe(true);
  expect(JSON.stringify(stage.model.journal[1]?.body)).toContain('mind the step');
  expect(await stage.effects()).toEqual(['one']);
});

test('a deny that came after the decision and before the cut call began holds', async () => {
  const scenario = {
    team: oneAgent,
    safety: 'autonomous' as const,
    turns: [turnOf('go', 0, { tool_calls: [effect('one')] }), turnOf('go', 1, { text: 'Then not.' })],
  };
  const stage = await openStage(scenario);
  const probe = stage.process();
  const known = await stage.session(probe);
  await probe.call('session/run', { session_id: known, messages: [{ content: 'go' }] });
  const started = await probe.shown('tool_call_started');
  await probe.kill();
  const first = stage.process({ kill: { seq: started.seq ?? 0, when: 'before' } });
  const session_id = await stage.session(first);
  await first.call('session/run', { session_id, messages: [{ content: 'go' }] });
  await first.gone;
  expect((await stage.log(session_id)).at(-1)?.type).toBe('tool_call_decision');
  const second = stage.process();
  await second.call('session/set_permissions', { session_id, permissions: { deny: ['shell'] } });
  const run_id = await resume(second, session_id);
  expect(await second.ended(run_id)).toBe(true);
  expect(await second.shown('tool_call_response')).toMatchObject({ outcome: 'denied' });
  expect((await stage.effects()).filter((word) => word === 'one').length).toBeLessThanOrEqual(1);
});

/** These three kill a process many times over: they are part of `npm run test:long`. */
test.runIf(long)('a run that gets no step further is ended at the fourth recovery', async () => {
  const scenario = {
    team: oneAgent,
    safety: 'balanced' as const,
    turns: [turnOf('go', 0, { hang_after: 'before' })],
  };
  const stage = await openStage(scenario);
  const first = stage.process();
  const session_id = await stage.session(first);
  await first.call('session/run', { session_id, messages: [{ content: 'go' }] });
  await first.shown('model_call');
  await first.kill();
  for (const attempt of [1, 2, 3]) {
    const next = stage.process();
    await resume(next, session_id);
    expect(await next.shown('run_recovered')).toMatchObject({ attempt });
    await next.shown('model_call');
    await next.kill();
  }
  const last = stage.process();
  const run_id = await resume(last, session_id);
  expect(await last.ended(run_id)).toBe(true);
  expect(last.events.map((event) => event.type).filter((type) => type !== 'log_caught_up')).toEqual([
    'error',
    'stream_stopped',
  ]);
  expect(await last.shown('error')).toMatchObject({ code: 'recovery_exhausted' });
  expect(await last.shown('stream_stopped')).toMatchObject({ reason: 'recovery_exhausted' });
});

test.runIf(long)(
  "a step of a sub-agent counts as one of its root's run: it may be cut more often than three times",
  async () => {
    const task = { id: 'hand', name: 'transfer_task', arguments: { agent: 'helper', task: 'child work' } };
    const words = ['one', 'two', 'three', 'four', 'five'];
    // Whoever asks first for a step of the helper gets no answer.
    const steps = words.flatMap((word, index) => [
      turnOf('child work', index, { hang_after: 'before' }),
      turnOf('child work', index, { tool_calls: [effect(word)] }),
    ]);
    const turns = [
      turnOf('hand it on', 0, { tool_calls: [task] }),
      ...steps,
      turnOf('child work', words.length, { text: 'Child done.' }),
      turnOf('hand it on', 1, { text: 'All done.' }),
    ];
    const stage = await openStage({ ...DELEGATION, safety: 'autonomous', turns }, 1);
    let process = stage.process();
    const session_id = await stage.session(process);
    await process.call('session/run', { session_id, messages: [{ content: DELEGATION.message }] });
    let run_id = '';
    for (const [index] of words.entries()) {
      // The request of the root, and two for each step before this one.
      await until(() => stage.model.journal.length === 2 + 2 * index);
      await process.kill();
      process = stage.process();
      run_id = await resume(process, session_id);
      expect(await process.shown('run_recovered')).toMatchObject({ run_id, attempt: 1 });
    }
    expect(await process.ended(run_id)).toBe(true);
    expect((await stage.log(session_id)).at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
    expect(await stage.effects()).toEqual(words);
  },
);

test.runIf(long)(
  'a question is asked again under its id as often as its process is killed, and can be answered',
  async () => {
    const stage = await openStage(DELEGATION);
    const first = stage.process();
    const session_id = await stage.session(first);
    await first.call('session/run', { session_id, messages: [{ content: DELEGATION.message }] });
    const { request_id } = await first.shown('tool_call_confirmation');
    await first.kill();
    for (let time = 0; time < 5; time += 1) {
      const next = stage.process();
      await resume(next, session_id);
      expect(await next.shown('tool_call_confirmation')).toMatchObject({ request_id });
      await next.kill();
    }
    const last = stage.process({ answer: 'approve' });
    expect(await last.ended(await resume(last, session_id))).toBe(true);
    expect(await stage.effects()).toEqual(['one']);
    expect((await stage.log(session_id)).at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  },
);

test('a question of a run that is resumed where nobody can answer is refused', async () => {
  const stage = await openStage(DELEGATION);
  const first = stage.process();
  const session_id = await stage.session(first);
  await first.call('session/run', { session_id, messages: [{ content: DELEGATION.message }] });
  await first.shown('tool_call_confirmation');
  await first.kill();
  const second = stage.process();
  const resumed = await second.call('session/create', {
    resume_session_id: session_id,
    unattended: 'refuse',
  });
  const recovered = resumed?.['recovered'] as { run_id: string };
  await second.call('session/events', { session_id, ...recovered });
  expect(await second.ended(recovered.run_id)).toBe(true);
  expect(await second.shown('tool_call_response')).toMatchObject({ outcome: 'refused' });
  expect((await stage.log(session_id)).at(-1)).toMatchObject({ reason: 'normal', refused: 1 });
  expect(await stage.effects()).toEqual([]);
  expect(await stage.look((store) => store.session(session_id))).toMatchObject({ waiting: 0 });
});
