import { expect } from 'vitest';
import { fixtureToolset, mcpTeam } from '../../mcp/fixture.ts';
import { calls, logOf, ofType, only, stopReason, uncut, Watcher, type Behaviours } from '../support.ts';

const TEAM = mcpTeam([fixtureToolset()]);
const message = { messages: [{ content: 'do it' }] };

export const mcpQuestionBehaviours: Behaviours = {
  'a form of a server is a question that its connection holds, and the answer goes back to it': async ({
    open,
  }) => {
    const world = await open([
      calls('fix_ask', {}),
      calls('fix_ask', {}),
      calls('fix_open', { url: 'https://example.org/in' }),
      { text: 'Done.' },
    ]);
    const runtime = await world.session(TEAM, { safety: 'autonomous', unattended: 'wait' });
    const watcher = new Watcher(await runtime.run(world.context, message));
    const form = await watcher.until('elicitation_request');
    expect(form).toMatchObject({
      message: 'Which colour?',
      mode: 'form',
      held_by: 'connection',
      schema: { properties: { colour: { enum: ['red', 'blue'] } } },
    });
    const opened = await runtime.open(world.context, {});
    expect(opened.pending_interactions).toMatchObject([{ kind: 'elicitation', held_by: 'connection' }]);
    await runtime.answer(world.context, {
      request_id: String(form['request_id']),
      decision: 'accept',
      content: { colour: 'blue' },
    });
    const second = await watcher.until('elicitation_request');
    await runtime.answer(world.context, { request_id: String(second['request_id']), decision: 'decline' });
    const third = await watcher.until('elicitation_request');
    expect(third).toMatchObject({ mode: 'url', url: 'https://example.org/in' });
    await runtime.answer(world.context, { request_id: String(third['request_id']), decision: 'accept' });
    const events = await watcher.rest();
    expect(ofType(events, 'tool_call_response').map(({ response }) => response)).toEqual([
      'accept {"colour":"blue"}',
      'decline {}',
      'accept',
    ]);
    expect(stopReason(events)).toBe('normal');
  },

  'where nobody answers a form is declined, and the run says that it was refused': async ({ open }) => {
    const world = await open([
      calls('fix_ask', {}),
      calls('fix_open', { url: 'javascript:alert(1)' }),
      { text: 'Done.' },
    ]);
    const events = await world.run(await world.session(TEAM, { safety: 'autonomous' }), 'do it');
    expect(ofType(events, 'tool_call_response')).toMatchObject([
      { response: 'decline {}', outcome: 'refused' },
      { response: 'decline', outcome: 'done' },
    ]);
    expect(only(events, 'warning')['message']).toMatch(
      /fix asked a question that cannot be shown.*none of the web/,
    );
    expect(only(events, 'stream_stopped')).toMatchObject({ reason: 'normal', refused: 1 });
  },

  "a server's question to the model is a call of its own, that is judged, asked about and counted": async ({
    open,
  }) => {
    const world = await open([
      calls('fix_think', { about: 'Why?' }),
      { text: 'Because.', usage: { input: 7, output: 3 } },
      calls('fix_think', { about: 'Again?' }),
      { text: 'Done.' },
    ]);
    const runtime = await world.session(TEAM, { unattended: 'wait', permissions: { allow: ['fix/think'] } });
    const watcher = new Watcher(await runtime.run(world.context, message));
    const asked = await watcher.until('tool_call_confirmation');
    expect(asked).toMatchObject({
      held_by: 'connection',
      tool_identity: 'fix/sampling',
      tool_call: { function: { name: 'fix_sampling' } },
    });
    expect(
      JSON.parse((asked['tool_call'] as { function: { arguments: string } }).function.arguments),
    ).toEqual({
      system: 'Be short.',
      messages: [{ role: 'user', content: 'Why?' }],
      max_tokens: 100,
    });
    await runtime.answer(world.context, { request_id: String(asked['request_id']), decision: 'approve' });
    const again = await watcher.until('tool_call_confirmation');
    await runtime.answer(world.context, {
      request_id: String(again['request_id']),
      decision: 'reject',
      reason: 'enough',
    });
    const events = await watcher.rest();
    const ofModel = ofType(events, 'tool_call_response').map(({ response }) => String(response));
    expect(ofModel[1]).toBe('the model said: Because.');
    expect(ofModel[3]).toMatch(/^no model: .*rejected this call: enough/);
    expect(only(events, 'model_sample')).toMatchObject({ usage: { input_tokens: 7, output_tokens: 3 } });
    expect(stopReason(events)).toBe('normal');
  },

  'what is asked and not allowed is refused to the server: by a rule, and where nobody answers': async ({
    open,
  }) => {
    const world = await open([calls('fix_think', { about: 'Why?' }), { text: 'Done.' }]);
    const runtime = await world.session(TEAM, {
      safety: 'autonomous',
      permissions: { deny: ['fix/sampling'] },
    });
    const events = await world.run(runtime, 'do it');
    expect(ofType(events, 'tool_call_response').at(-1)?.['response']).toMatch(
      /^no model: .*Denied by the rule "fix\/sampling"/,
    );
    expect(ofType(events, 'model_sample')).toEqual([]);
  },

  'an interrupt takes the question back and reaches the server': uncut(async ({ open }) => {
    const world = await open([calls('fix_ask', {})]);
    const runtime = await world.session(TEAM, { safety: 'autonomous', unattended: 'wait' });
    const watcher = new Watcher(await runtime.run(world.context, message));
    await watcher.until('elicitation_request');
    await runtime.interrupt(world.context, {});
    expect(stopReason(await watcher.rest())).toBe('canceled');
    expect(only(await logOf(world, runtime.session_id), 'interaction_resolved')).toMatchObject({
      outcome: 'canceled',
    });
  }),
};
