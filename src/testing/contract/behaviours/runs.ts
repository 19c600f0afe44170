import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import {
  assertDense,
  calls,
  lastRequest,
  logOf,
  only,
  ofType,
  refused,
  stopReason,
  teamOf,
  types,
  uncut,
  Watcher,
  type Behaviours,
} from '../support.ts';
import { collect, type Event, type World } from '../world.ts';

const TEAM = teamOf(['think', 'todo']);
const LONG = 'A text that comes in several pieces, so that previews have offsets.';

/** The previews of a message put together; each character once, each at its offset. */
export function previewed(
  events: readonly Event[],
  type: string,
  field: string,
  message_id: unknown,
): string {
  let text = '';
  for (const event of ofType(events, type)) {
    if (event['message_id'] !== message_id) continue;
    expect(event['offset']).toBe(text.length);
    expect(event.seq).toBeUndefined();
    text += String(event[field]);
  }
  return text;
}

function messageOf(event: Event | undefined): Record<string, unknown> {
  return event?.['message'] as Record<string, unknown>;
}

async function runWith(world: World, runtime: Runtime, key: string, content: string) {
  return runtime.run({ ...world.context, idempotency_key: key }, { messages: [{ content }] });
}

export const runBehaviours: Behaviours = {
  'a text streams as previews, then stands whole in the log': uncut(async ({ open }) => {
    const world = await open([{ text: LONG }]);
    const runtime = await world.session(TEAM);
    const events = await world.run(runtime, 'hello');
    expect(stopReason(events)).toBe('normal');
    assertDense(events, 2);
    const message = messageOf(only(events, 'message_added'));
    expect(message).toMatchObject({ role: 'assistant', content: LONG, finish_reason: 'stop' });
    expect(ofType(events, 'agent_choice').length).toBeGreaterThan(1);
    expect(previewed(events, 'agent_choice', 'content', message['message_id'])).toBe(LONG);
    const order = types(events).filter((type) => type !== 'agent_choice');
    expect(order).toEqual([
      'user_message',
      'stream_started',
      'input_taken',
      'agent_info',
      'team_info',
      'toolset_info',
      'model_call',
      'message_added',
      'token_usage',
      'stream_stopped',
    ]);
    expect(await logOf(world, runtime.session_id, 1)).toEqual(
      events.filter((event) => event.seq !== undefined),
    );
  }),

  'reasoning is previewed, recorded and sent back with its signature': uncut(async ({ open }) => {
    const world = await open([
      { reasoning: 'First I think about it at some length.', ...calls('think', { thought: 'hm' }) },
      { text: 'Done.' },
    ]);
    const team = teamOf(['think'], { model: 'clever' }).concat(
      'models:\n  clever:\n    provider: anthropic\n    model: claude-sonnet-4-5\n    thinking_budget: 2048\n',
    );
    const events = await world.run(await world.session(team), 'think');
    expect(stopReason(events)).toBe('normal');
    const message = messageOf(ofType(events, 'message_added')[0]);
    expect(previewed(events, 'agent_choice_reasoning', 'content', message['message_id'])).toBe(
      'First I think about it at some length.',
    );
    expect(message['reasoning']).toMatchObject([{ text: 'First I think about it at some length.' }]);
    expect(JSON.stringify(world.model.journal[1]?.body)).toContain('signature');
  }),

  'a tool call streams its arguments, is decided, started and answered': uncut(async ({ open }) => {
    const world = await open([calls('think', { thought: 'a thought that is not short' }), { text: 'ok' }]);
    const events = await world.run(await world.session(TEAM), 'go');
    expect(stopReason(events)).toBe('normal');
    const call = only(events, 'tool_call')['tool_call'] as { id: string; function: { arguments: string } };
    const partial = ofType(events, 'partial_tool_call')
      .map((event) => (event['tool_call'] as typeof call).function.arguments)
      .join('');
    expect(partial).toBe(call.function.arguments);
    expect(only(events, 'tool_call_decision')).toMatchObject({ tool_call_id: call.id, decision: 'allow' });
    const order = types(events).filter((type) => type.startsWith('tool_call'));
    expect(order).toEqual(['tool_call', 'tool_call_decision', 'tool_call_started', 'tool_call_response']);
  }),

  'the run is named before its first event, and its input by the event that took it': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM);
    const stream = await runtime.run(world.context, { messages: [{ content: 'hello' }] });
    const events = await collect(stream);
    expect(new Set(events.map((event) => event['run_id']))).toEqual(new Set([stream.run_id]));
    expect(only(events, 'input_taken')).toMatchObject({
      input_id: stream.input_id,
      kind: 'run',
      by: 'admin',
    });
  },

  'a session with a live run is busy, and says with which': async ({ open }) => {
    const world = await open([{ hang_after: 'before' }]);
    const runtime = await world.session(TEAM);
    const stream = await runtime.run(world.context, { messages: [{ content: 'one' }] });
    const watcher = new Watcher(stream);
    await watcher.until('model_call');
    const error = await refused(
      runtime.run(world.context, { messages: [{ content: 'two' }] }),
      'run_busy',
      new RegExp(stream.run_id),
    );
    expect(error.details).toMatchObject({ run_id: stream.run_id });
    expect((await world.backend.listRuns(world.context, {})).runs).toMatchObject([{ run_id: stream.run_id }]);
    await runtime.interrupt(world.context, {});
    await watcher.rest();
    expect((await world.backend.listRuns(world.context, {})).runs).toEqual([]);
  },

  'a second turn has the first one once, and nothing else': async ({ open }) => {
    const world = await open([calls('think', { thought: 'a' }), { text: 'first' }, { text: 'second' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'one');
    await world.run(runtime, 'two');
    expect(
      lastRequest(world)
        .filter(({ role }) => role === 'user')
        .map(({ text }) => text),
    ).toEqual(['one', 'two']);
    const { messages } = await runtime.transcript(world.context, {});
    expect(messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
      'assistant',
    ]);
    expect(new Set(messages.map(({ message_id }) => message_id)).size).toBe(messages.length);
  },

  'the transcript has results in the order of their calls, whichever came first': async ({ open }) => {
    const asked = [calls('list_directory', { path: '.' }, 'slow'), calls('read_file', {}, 'quick')];
    const world = await open([
      { tool_calls: asked.flatMap((turn) => turn.tool_calls ?? []) },
      { text: 'Both.' },
    ]);
    const runtime = await world.session(teamOf(['filesystem']));
    const events = await world.run(runtime, 'look');
    const order = (ids: unknown[]) => ids.map((id) => String(id).replace(/.*(slow|quick).*/, '$1'));
    const arrived = ofType(events, 'tool_call_response').map((event) => event['tool_call_id']);
    expect(order(arrived)).toEqual(['quick', 'slow']);
    const { messages } = await runtime.transcript(world.context, {});
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'assistant']);
    expect(order(messages.slice(2, 4).map((message) => message.tool_call_id))).toEqual(['slow', 'quick']);
  },

  'several messages of one call enter one run together': async ({ open }) => {
    const world = await open([{ text: 'both' }]);
    const runtime = await world.session(TEAM);
    const events = await collect(
      await runtime.run(world.context, { messages: [{ content: 'one' }, { content: 'two' }] }),
    );
    expect(ofType(events, 'user_message').map((event) => event['message'])).toEqual(['one', 'two']);
    expect(world.model.journal).toHaveLength(1);
    expect(only(events, 'stream_started')).toBeDefined();
  },

  'a repeated run is the same run, streamed from its first event': async ({ open }) => {
    const world = await open([{ text: 'once' }]);
    const runtime = await world.session(TEAM);
    const first = await collect(await runWith(world, runtime, 'key', 'hello'));
    const again = await runWith(world, runtime, 'key', 'hello');
    const second = await collect(again);
    const durable = (events: Event[]) => events.filter((event) => event.seq !== undefined);
    expect(durable(second)).toEqual(durable(first));
    expect(world.model.journal).toHaveLength(1);
    await refused(runWith(world, runtime, 'key', 'other'), 'idempotency_conflict', /key/);
  },

  'the words of a provider that refuses are said once, and the run ends': async ({ open }) => {
    const world = await open([{ status: 401, error: { message: 'Incorrect API key provided' } }]);
    const events = await world.run(await world.session(TEAM), 'hello');
    expect(stopReason(events)).toBe('error');
    const error = only(events, 'error');
    expect(error['code']).toBe('model_error');
    expect(String(error['error']).split('Incorrect API key provided')).toHaveLength(2);
  },

  'a failed attempt is tried again and its previews are voided': async ({ open }) => {
    const world = await open([{ text: LONG, cut_after: 4 }, { text: LONG }]);
    const events = await world.run(await world.session(TEAM), 'hello');
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'model_call').map((event) => event['attempt'])).toEqual([1, 2]);
    const second = ofType(events, 'agent_choice').filter((event) => event['attempt'] === 2);
    expect(second.map((event) => event['content']).join('')).toBe(LONG);
    expect(messageOf(only(events, 'message_added'))['content']).toBe(LONG);
  },

  'an unknown tool and broken arguments are results that the model reads': async ({ open }) => {
    const world = await open([
      calls('no_such_tool', {}),
      { tool_calls: [{ name: 'think', arguments: '{"thought": ' }] },
      { text: 'ok' },
    ]);
    const events = await world.run(await world.session(TEAM), 'go');
    expect(stopReason(events)).toBe('normal');
    const responses = ofType(events, 'tool_call_response');
    expect(responses.map((event) => event['outcome'])).toEqual(['invalid', 'invalid']);
    expect(responses[0]?.['response']).toContain('Available tools: think');
  },

  'calls that may go side by side do, and the model gets the results in call order': async ({ open }) => {
    const call = (path: string) => ({ name: 'read_file', arguments: { path } });
    const world = await open([{ tool_calls: ['a', 'b', 'c'].map(call) }, { text: 'ok' }]);
    const events = await world.run(await world.session(teamOf(['filesystem'])), 'go');
    expect(stopReason(events)).toBe('normal');
    const started = events.findLastIndex((event) => event.type === 'tool_call_started');
    const answered = events.findIndex((event) => event.type === 'tool_call_response');
    expect(started).toBeLessThan(answered);
    const ids = ofType(events, 'tool_call').map((event) => (event['tool_call'] as { id: string }).id);
    const sent = JSON.stringify(world.model.journal[1]?.body);
    const places = ids.map((id) => sent.lastIndexOf(id));
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  },
};
