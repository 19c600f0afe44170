import { expect, test } from 'vitest';
import { closeGate, GATED_RUN, openGate } from './gate.ts';
import { openStage } from './stage.ts';

test('who waits for the end of a run whose process was killed is told how to go on, and the run stays', async () => {
  const stage = await openStage(GATED_RUN);
  closeGate(stage.folder);
  const [first, second] = [stage.process(), stage.process()];
  const session_id = await stage.session(first);
  const run = await first.call('session/run', { session_id, messages: [{ content: GATED_RUN.message }] });
  await first.shown('tool_call_started');
  const run_id = String(run?.['run_id']);
  await second.call('session/events', { session_id, run_id });
  await second.shown('tool_call_started');
  await first.kill();
  expect(await second.shown('stream_closing')).toMatchObject({
    reason: 'owner_gone',
    message: `no process drives run ${run_id} any more; go on with it: yonder run --session ${session_id}`,
  });
  expect(await second.ended(run_id)).toBe(true);
  expect((await stage.log(session_id)).map(({ type }) => type)).not.toContain('run_recovered');
  const resumed = await second.call('session/create', { resume_session_id: session_id });
  expect(resumed?.['recovered']).toMatchObject({ run_id });
  // The command outlived its process, and would outlive the test.
  await openGate(stage.folder);
  await expect.poll(() => stage.effects()).toEqual(['one']);
});
