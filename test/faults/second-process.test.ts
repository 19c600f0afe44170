import { expect, test } from 'vitest';
import { effect, turnOf } from './scenarios.ts';
import { openStage } from './stage.ts';

const team = (model_url: string): string => `
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
      team,
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
