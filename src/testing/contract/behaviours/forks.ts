import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import {
  assertDense,
  calls,
  failure,
  lastRequest,
  logOf,
  ofType,
  only,
  refused,
  teamOf,
  Watcher,
  type Behaviours,
} from '../support.ts';
import type { World } from '../world.ts';

const TEAM = teamOf(['todo', 'shell']);

async function twoTurns(world: World): Promise<Runtime> {
  const runtime = await world.session(TEAM, { title: 'Plans' });
  await world.run(runtime, 'first');
  await world.run(runtime, 'second');
  return runtime;
}

const contents = async (world: World, runtime: Runtime) =>
  (await runtime.transcript(world.context, {})).messages.map(({ content }) => content);

export const forkBehaviours: Behaviours = {
  'a fork begins with what was said up to the end of a turn, under new ids, and goes its own way': async ({
    open,
  }) => {
    const world = await open([{ text: 'one' }, { text: 'two' }, { text: 'three' }]);
    const runtime = await twoTurns(world);
    const { messages } = await runtime.transcript(world.context, {});
    const before = await logOf(world, runtime.session_id);
    const forked = await runtime.fork(world.context, { at: '1' });
    expect(forked).toMatchObject({ title: 'Plans (fork)', workspace: 'shared', working_dir: world.folder });
    const fork = world.backend.session(forked.session_id);
    expect(await contents(world, fork)).toEqual(['first', 'one']);
    const log = await logOf(world, forked.session_id);
    assertDense(log, 1);
    expect(only(log, 'history_changed')).toMatchObject({
      kind: 'fork',
      removed: [],
      origin: { session_id: runtime.session_id, turn: 1 },
    });
    const text = JSON.stringify(log);
    const old = [
      ...messages.map(({ message_id }) => message_id),
      ...before.flatMap(({ run_id }) => run_id ?? []),
    ];
    for (const id of old) expect(text).not.toContain(id);
    await world.run(fork, 'third');
    expect(await contents(world, fork)).toEqual(['first', 'one', 'third', 'three']);
    expect(
      lastRequest(world)
        .map((message) => message.text)
        .slice(1),
    ).toEqual(['first', 'one', 'third']);
    expect(await logOf(world, runtime.session_id)).toEqual(before);
    const { session } = await fork.open(world.context, {});
    expect(session).toMatchObject({ state: 'idle', input_tokens: 200, output_tokens: 40, num_messages: 4 });
    const again = await runtime.fork(world.context, { at: messages[1]?.message_id ?? '' });
    expect(again.title).toBe('Plans (fork 2)');
    expect((await runtime.fork(world.context, { title: 'Mine' })).title).toBe('Mine');
  },

  'in the middle of a turn it is refused, naming the nearest ends': async ({ open }) => {
    const world = await open([
      { text: 'one' },
      calls('create_todos', { descriptions: ['a'] }, 'call_a'),
      { text: 'two' },
    ]);
    const runtime = await twoTurns(world);
    const { messages } = await runtime.transcript(world.context, {});
    const ids = messages.map(({ message_id }) => message_id);
    for (const middle of [ids[2], ids[3]]) {
      const error = await refused(
        runtime.fork(world.context, { at: middle ?? '' }),
        'invalid_request',
        /middle of a turn.*turn 1 .*and turn 2 \(result_call_a\)/,
      );
      expect(error.details?.['ends']).toMatchObject([
        { turn: 1, message_id: ids[1] },
        { turn: 2, message_id: 'result_call_a' },
      ]);
    }
    await refused(runtime.fork(world.context, { at: 'msg_none' }), 'not_found', /msg_none.*1 to 3/);
    await refused(runtime.fork(world.context, { at: '9' }), 'not_found', /no turn 9/);
    const forked = await runtime.fork(world.context, { at: 'result_call_a' });
    const log = await logOf(world, forked.session_id);
    expect(ofType(log, 'stream_stopped').map((event) => event['reason'])).toEqual(['normal', 'canceled']);
    expect(ofType(log, 'stream_started')).toHaveLength(2);
    const fork = world.backend.session(forked.session_id);
    expect((await fork.open(world.context, {})).session.state).toBe('idle');
    await refused(
      (await world.session(TEAM)).fork(world.context, {}),
      'invalid_request',
      /no turn that has ended/,
    );
  },

  'a run of the source goes on untouched, and its question stays its own': async ({ open }) => {
    const world = await open([
      { text: 'one' },
      calls('shell', { cmd: 'touch x' }, 'call_x'),
      { text: 'done' },
    ]);
    const runtime = await world.session(TEAM, { unattended: 'wait' });
    await world.run(runtime, 'first');
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'second' }] }));
    const asked = await watcher.until('tool_call_confirmation');
    const forked = await runtime.fork(world.context, {});
    expect(forked.origin.turn).toBe(1);
    const opened = await world.backend.session(forked.session_id).open(world.context, {});
    expect([opened.session.state, opened.pending_interactions]).toEqual(['idle', []]);
    expect(JSON.stringify(await logOf(world, forked.session_id))).not.toContain('second');
    await runtime.answer(world.context, { request_id: String(asked['request_id']), decision: 'approve' });
    const events = await watcher.rest();
    expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  },

  'children, compaction and the state of tools go along': async ({ open }) => {
    const team = teamOf(['todo'], { agent: ['sub_agents: [helper]'] }).concat(
      '  helper:\n    model: openai/gpt-4o\n    description: Helps\n    instruction: Help.\n',
    );
    const world = await open([
      calls('create_todos', { descriptions: ['buy milk'] }),
      calls('transfer_task', { agent: 'helper', task: 'help me' }),
      { text: 'helped' },
      { text: 'done' },
      { text: 'A summary of it all.' },
      calls('list_todos', {}),
      { text: 'milk' },
    ]);
    const runtime = await world.session(team);
    await world.run(runtime, 'go');
    const { run_id } = await runtime.compact(world.context, {});
    await new Watcher(runtime.follow(world.context, { run_id })).rest();
    const { session_id } = await runtime.fork(world.context, {});
    const fork = world.backend.session(session_id);
    const whole = await fork.transcript(world.context, { include_children: true });
    expect(whole.messages.map(({ content }) => content)).toContain('help me');
    const children = new Set((await logOf(world, session_id)).map((event) => event['session_id']));
    const sources = new Set((await logOf(world, runtime.session_id)).map((event) => event['session_id']));
    expect([children.size, [...children].filter((id) => sources.has(id))]).toEqual([2, []]);
    const events = await world.run(fork, 'what is left?');
    expect(only(events, 'tool_call_response')['response']).toContain('buy milk');
    const sent = lastRequest(world)
      .map(({ text }) => text)
      .join('\n');
    expect(sent).toContain('A summary of it all.');
    expect(sent).not.toContain('help me');
  },

  'files go along and outlive the source': async ({ open }) => {
    const world = await open([{ text: 'seen' }]);
    const runtime = await world.session(TEAM);
    const bytes = new TextEncoder().encode('some notes');
    const upload = await world.backend.upload(
      world.context,
      { name: 'n.txt', media_type: 'text/plain' },
      bytes,
    );
    const file = {
      type: 'file',
      upload_id: upload.upload_id,
      name: 'n.txt',
      media_type: 'text/plain',
    } as const;
    const stream = await runtime.run(world.context, { messages: [{ content: 'read', parts: [file] }] });
    await new Watcher(stream).rest();
    const { session_id } = await runtime.fork(world.context, {});
    await world.backend.deleteSessions(world.context, { session_id: runtime.session_id });
    const fork = world.backend.session(session_id);
    const [part] = (await fork.transcript(world.context, {})).messages[0]?.parts ?? [];
    const id = part?.type === 'file' ? part.blob_id : '';
    expect((await fork.blob(world.context, { id })).bytes).toEqual(bytes);
    expect((await world.backend.searchSessions(world.context, { query: 'seen' })).sessions).toMatchObject([
      { session_id },
    ]);
  },

  'the same call under one key forks once; the fork of what is not there is not found': async ({ open }) => {
    const world = await open([{ text: 'one' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'first');
    const keyed = { ...world.context, idempotency_key: 'fork-1' };
    const first = await runtime.fork(keyed, {});
    expect(await runtime.fork(keyed, {})).toEqual(first);
    expect((await failure(runtime.fork(keyed, { at: '1' }))).code).toBe('idempotency_conflict');
    expect((await world.backend.listSessions(world.context, {})).sessions).toHaveLength(2);
    await refused(world.backend.session('nosuch').fork(world.context, {}), 'not_found', /nosuch/);
  },
};
