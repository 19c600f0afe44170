import { expect } from 'vitest';
import { parseEvent } from '../../../protocol/events/events.ts';
import {
  assertDense,
  calls,
  failure,
  logOf,
  ofType,
  refused,
  teamOf,
  types,
  uncut,
  Watcher,
  type Behaviours,
} from '../support.ts';
import { handlerFetch } from '../over-handler.ts';
import { collect } from '../world.ts';

const TEAM = teamOf(['shell']);

export const streamBehaviours: Behaviours = {
  'a log is replayed from any cursor, says that it has caught up, and ends where nobody follows': async ({
    open,
  }) => {
    const world = await open([{ text: 'one' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'hello');
    const all = await logOf(world, runtime.session_id);
    assertDense(all, 1);
    for (const after of [0, 1, 5, all.length]) {
      const events = await collect(runtime.follow(world.context, { after, follow: false }));
      expect(events.slice(0, -1)).toEqual(all.slice(after));
      expect(events.at(-1)).toMatchObject({ type: 'log_caught_up', as_of: all.length });
    }
  },

  'a cursor ahead of the log is expired, with the head': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const error = await failure(collect(runtime.follow(world.context, { after: 900 })));
    expect(error.code).toBe('cursor_expired');
    expect(error.details).toMatchObject({ head: 1 });
  },

  'replay goes over into live without a gap or a repeat': async ({ open }) => {
    const world = await open([{ text: 'one' }, { text: 'two' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'first');
    const watcher = new Watcher(runtime.follow(world.context, {}));
    const running = world.run(runtime, 'second');
    await watcher.until('stream_stopped');
    await watcher.until('stream_stopped');
    await watcher.close();
    await running;
    assertDense(watcher.seen, 1);
    expect(ofType(watcher.seen, 'log_caught_up')).toHaveLength(1);
  },

  'with a run the stream ends with that run, live and in replay': async ({ open }) => {
    const world = await open([{ text: 'one' }, { text: 'two' }]);
    const runtime = await world.session(TEAM);
    const first = await runtime.run(world.context, { messages: [{ content: 'first' }] });
    await collect(first);
    await world.run(runtime, 'second');
    const events = await collect(runtime.follow(world.context, { run_id: first.run_id }));
    expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', run_id: first.run_id });
    expect(events[0]?.seq).toBe(1);
    const followed = await collect(world.backend.followRun(world.context, { run_id: first.run_id }));
    expect(followed[0]?.seq).toBe(2);
    expect(followed.at(-1)).toEqual(events.at(-1));
  },

  'a run that does not exist is no_run': async ({ open }) => {
    const world = await open();
    const error = await failure(collect(world.backend.followRun(world.context, { run_id: 'run_none' })));
    expect(error.code).toBe('no_run');
  },

  'a reader who comes in the middle of a text gets it from its beginning, once': uncut(async ({ open }) => {
    const text = 'a text that is under way when the second reader comes';
    const world = await open([{ text, hang_after: 4 }]);
    const runtime = await world.session(TEAM);
    const first = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    const begun = await first.until('agent_choice', (event) => Number(event['offset']) > 10);
    const late = new Watcher(runtime.follow(world.context, {}));
    const preview = await late.until('agent_choice');
    expect(preview['offset']).toBe(0);
    const held = Number(begun['offset']) + String(begun['content']).length;
    expect(text.startsWith(String(preview['content']))).toBe(true);
    expect(String(preview['content']).length).toBeGreaterThanOrEqual(held);
    await runtime.interrupt(world.context, {});
    await first.rest();
    await late.until('stream_stopped');
    await late.close();
  }),

  'every output that is not empty is previewed, however short it is': uncut(async ({ open }) => {
    const world = await open([calls('shell', { cmd: 'echo hi' }), { text: 'x' }]);
    const events = await world.run(await world.session(TEAM, { safety: 'autonomous' }), 'go');
    expect(
      ofType(events, 'tool_call_output')
        .map((event) => event['output'])
        .join(''),
    ).toBe('hi\n');
    expect(
      ofType(events, 'agent_choice')
        .map((event) => event['content'])
        .join(''),
    ).toBe('x');
    const output = types(events).indexOf('tool_call_output');
    expect(output).toBeLessThan(types(events).indexOf('tool_call_response'));
  }),

  'readers of one log see the same events': async ({ open }) => {
    const world = await open([calls('shell', { cmd: 'echo hi' }), { text: 'done' }]);
    const runtime = await world.session(TEAM, { safety: 'autonomous' });
    const readers = Array.from({ length: 5 }, () => new Watcher(runtime.follow(world.context, {})));
    await Promise.all(readers.map((reader) => reader.until('log_caught_up')));
    await world.run(runtime, 'go');
    await Promise.all(readers.map((reader) => reader.until('stream_stopped')));
    await Promise.all(readers.map((reader) => reader.close()));
    const durable = readers.map((reader) => reader.seen.filter((event) => event.seq !== undefined));
    for (const seen of durable) expect(seen).toEqual(durable[0]);
  },

  'a reader of a session that is deleted is told, and its stream ends': uncut(async ({ open }) => {
    const world = await open([{ text: 'one' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'hello');
    const watcher = new Watcher(runtime.follow(world.context, {}));
    await watcher.until('log_caught_up');
    const deleted = await world.backend.deleteSessions(world.context, { session_id: runtime.session_id });
    expect(deleted).toEqual({ deleted: [runtime.session_id] });
    const events = await watcher.rest();
    expect(types(events).slice(-2)).toEqual(['session_deleted', 'stream_closing']);
    assertDense(events, 1);
    await refused(runtime.open(world.context, {}), 'not_found', new RegExp(runtime.session_id));
  }),
};

/** What only a server has: the wire itself. */
export const wireBehaviours: Behaviours = {
  'Last-Event-ID beats after, and only durable events have an id': async ({ open }) => {
    const world = await open([{ text: 'one' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'hello');
    const send = handlerFetch(world.inner);
    const url = `http://yonder.test/v1/session/events?session_id=${runtime.session_id}&after=1&follow=false`;
    const response = await send(url, { headers: { 'last-event-id': '4' } });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const blocks = (await response.text()).split('\n\n').filter((block) => block.includes('data: '));
    const ids = blocks.flatMap((block) => /^id: (\d+)$/m.exec(block)?.[1] ?? []);
    expect(ids[0]).toBe('5');
    expect(ids).toHaveLength(blocks.length - 1);
    const last = /^data: (.*)$/m.exec(blocks.at(-1) ?? '')?.[1] ?? '';
    expect(parseEvent(last).type).toBe('log_caught_up');
    expect(blocks.at(-1)).not.toContain('id:');
    expect(blocks.every((block) => !block.includes('event:'))).toBe(true);
  },

  'a cursor ahead is 410 before a stream begins': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const response = await handlerFetch(world.inner)(
      `http://yonder.test/v1/session/events?session_id=${runtime.session_id}&after=900`,
    );
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({
      error: { code: 'cursor_expired', retryable: false, details: { head: 1 } },
    });
  },

  'a quiet stream has heartbeats': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const response = await handlerFetch(world.inner, { heartbeat_ms: 5 })(
      `http://yonder.test/v1/session/events?session_id=${runtime.session_id}`,
    );
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let text = '';
    while (!text.includes('\n: heartbeat\n\n')) text += decoder.decode((await reader?.read())?.value);
    await reader?.cancel();
  },

  'run with Accept: application/json is 202 with its ids, and goes on': async ({ open }) => {
    const world = await open([{ text: 'one' }]);
    const runtime = await world.session(TEAM);
    const response = await handlerFetch(world.inner)('http://yonder.test/v1/session/run', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ session_id: runtime.session_id, messages: [{ content: 'hello' }] }),
    });
    expect(response.status).toBe(202);
    const { run_id } = (await response.json()) as { run_id: string };
    const events = await collect(runtime.follow(world.context, { run_id }));
    expect(events.at(-1)).toMatchObject({ reason: 'normal' });
  },

  'steer and follow_up are 202': async ({ open }) => {
    const world = await open([{ text: 'one' }, { text: 'two' }]);
    const runtime = await world.session(TEAM);
    for (const verb of ['steer', 'follow_up']) {
      const response = await handlerFetch(world.inner)(`http://yonder.test/v1/session/${verb}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ session_id: runtime.session_id, messages: [{ content: 'hello' }] }),
      });
      expect(response.status).toBe(202);
      const { started_run } = (await response.json()) as { started_run: string };
      await collect(runtime.follow(world.context, { run_id: started_run }));
    }
  },

  'what cannot be read is refused with a status and our words': async ({ open }) => {
    const world = await open();
    const send = handlerFetch(world.inner);
    const post = (path: string, body: BodyInit, type = 'application/json') =>
      send(`http://yonder.test${path}`, { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post('/v1/session/create', 'not json')).status).toBe(400);
    expect((await post('/v1/session/create', '[]')).status).toBe(400);
    expect((await post('/v1/session/create', '{}', 'text/plain')).status).toBe(400);
    expect((await post('/v1/session/create', ' '.repeat(1024 * 1024 + 1))).status).toBe(413);
    expect((await post('/v1/session/nonsense', '{}')).status).toBe(404);
    expect((await send('http://yonder.test/v1/session/create')).status).toBe(400);
  },

  'who has a token that nobody knows is unauthorized': async ({ open }) => {
    const world = await open();
    const response = await handlerFetch(world.inner, { callers: new Map() })(
      'http://yonder.test/v1/capabilities',
      {
        headers: { authorization: 'Bearer wrong' },
      },
    );
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } });
  },
};
