import { expect } from 'vitest';
import { CONTRACT, OPERATIONS, PROTOCOL_VERSION } from '../../../protocol/contract/contract.ts';
import { calls, failure, INLINE, refused, teamOf, uncut, Watcher, type Behaviours } from '../support.ts';
import { collect, type World } from '../world.ts';

const TEAM = teamOf(['shell']);

async function three(world: World): Promise<string[]> {
  const ids: string[] = [];
  for (const title of ['Alpha', 'Beta', 'Gamma']) ids.push((await world.session(TEAM, { title })).session_id);
  return ids;
}

const titles = (answer: { sessions: { title: string }[] }) => answer.sessions.map(({ title }) => title);

export const sessionBehaviours: Behaviours = {
  'each of several resumes applies its flags, and one while a title is made waits for that': async ({
    open,
  }) => {
    const world = await open([{ text: 'ok' }, { text: 'A title of this', delay_ms: 50 }]);
    const { backend, context } = world;
    const runtime = await world.session(TEAM);
    const resume = { resume_session_id: runtime.session_id };
    await Promise.all([
      backend.createSession(context, { ...resume, title: 'Second try' }),
      backend.createSession(context, { ...resume, safety: 'strict' }),
    ]);
    await backend.createSession(context, { ...resume, runtime_config: { accept_edits: true } });
    const state = await runtime.open(context, {});
    expect(state).toMatchObject({
      session: { title: 'Second try' },
      safety: 'strict',
      permissions: { accept_edits: true },
    });
    await world.run(runtime, 'go');
    await runtime.regenerateTitle(context, {});
    const late = await backend.createSession(context, { ...resume, safety: 'restricted' });
    expect([late.session.title, late.safety]).toEqual(['A title of this', 'restricted']);
  },

  'a title that a person gives while a model thinks of one stays': async ({ open }) => {
    const world = await open([{ text: 'ok' }, { text: 'A title of the model', delay_ms: 100 }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'go');
    const watcher = new Watcher(runtime.follow(world.context, {}));
    await runtime.regenerateTitle(world.context, {});
    await watcher.until('model_call', (event) => event['purpose'] === 'title');
    await runtime.setTitle(world.context, { title: 'Mine' });
    await watcher.until('session_title', (event) => event['cost'] !== undefined);
    const { session } = await runtime.open(world.context, {});
    expect(session.title).toBe('Mine');
  },

  'sessions are listed newest first, in pages, and searched by title and first message': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const { backend, context } = world;
    const [alpha] = await three(world);
    expect(titles(await backend.listSessions(context, {}))).toEqual(['Gamma', 'Beta', 'Alpha']);
    const page = await backend.listSessions(context, { limit: 2 });
    expect(titles(page)).toEqual(['Gamma', 'Beta']);
    const rest = await backend.listSessions(context, { limit: 2, page: page.next_page ?? '' });
    expect(titles(rest)).toEqual(['Alpha']);
    expect(rest.next_page).toBeUndefined();
    await world.run(backend.session(alpha ?? ''), 'the quick brown fox');
    expect(titles(await backend.searchSessions(context, { query: 'brown fox' }))).toEqual(['Alpha']);
    expect(titles(await backend.searchSessions(context, { query: 'bet' }))).toEqual(['Beta']);
    expect(titles(await backend.searchSessions(context, { query: '%' }))).toEqual([]);
    await refused(backend.listSessions(context, { page: 'x' }), 'invalid_request', /page/);
  },

  'only the sessions of one folder, or with a star, are listed': async ({ open }) => {
    const world = await open();
    const { backend, context } = world;
    const [alpha] = await three(world);
    expect(titles(await backend.listSessions(context, { cwd: world.folder }))).toHaveLength(3);
    expect(titles(await backend.listSessions(context, { cwd: '/elsewhere' }))).toEqual([]);
    await backend.session(alpha ?? '').setStarred(context, { starred: true });
    await expect
      .poll(async () => titles(await backend.listSessions(context, { starred: true })))
      .toEqual(['Alpha']);
  },

  'a session is named by its id, a prefix that fits one, or its place from the newest': async ({ open }) => {
    const world = await open();
    const { backend, context } = world;
    const [alpha, beta, gamma] = await three(world);
    const named = async (reference: string) =>
      (await backend.session(reference).open(context, {})).session.session_id;
    expect(await named((alpha ?? '').slice(0, 12))).toBe(alpha);
    expect(await named('-1')).toBe(gamma);
    expect(await named('-2')).toBe(beta);
    await refused(named('-9'), 'not_found', /-9/);
    await refused(named('-0'), 'not_found', /-0/);
    await refused(named('nosuchid'), 'not_found', /nosuchid/);
    await refused(named(''), 'not_found', /./);
  },

  'a prefix that fits several is ambiguous and lists them': async ({ open }) => {
    const world = await open();
    const ids = new Set<string>();
    let shared: string | undefined;
    while (shared === undefined) {
      const { session_id } = await world.session(TEAM);
      shared = [...ids].find((id) => id[0] === session_id[0]);
      ids.add(session_id);
    }
    const error = await failure(world.backend.session(shared.slice(0, 1)).open(world.context, {}));
    expect(error.code).toBe('ambiguous_target');
    expect(error.details?.['ids']).toContain(shared);
  },

  'a title is the first 50 characters until one is given': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, `Please   count\n${'the words '.repeat(10)}`);
    const { session } = await runtime.open(world.context, {});
    expect(session.title).toMatch(/^Please count the words/);
    expect(session.title.length).toBeLessThanOrEqual(50);
    expect(session).toMatchObject({ state: 'idle', num_messages: 2, input_tokens: 100, output_tokens: 20 });
  },

  'a session that runs is ended by its deletion, and its readers are told': uncut(async ({ open }) => {
    const world = await open([{ hang_after: 'before' }]);
    const runtime = await world.session(TEAM);
    const watcher = new Watcher(runtime.follow(world.context, {}));
    await watcher.until('log_caught_up');
    await runUntilCalled(world, runtime.session_id);
    await world.backend.deleteSessions(world.context, { session_ids: [runtime.session_id] });
    const events = await watcher.rest();
    expect(events.map(({ type }) => type).slice(-3)).toEqual([
      'stream_stopped',
      'session_deleted',
      'stream_closing',
    ]);
    expect((await world.backend.listSessions(world.context, {})).sessions).toEqual([]);
  }),

  'deleting twice under one key is deleting once; another key finds nothing': async ({ open }) => {
    const world = await open();
    const { session_id } = await world.session(TEAM);
    const keyed = { ...world.context, idempotency_key: 'delete-1' };
    const first = await world.backend.deleteSessions(keyed, { session_id });
    expect(await world.backend.deleteSessions(keyed, { session_id })).toEqual(first);
    await refused(
      world.backend.deleteSessions(world.context, { session_id }),
      'not_found',
      /there is no session/,
    );
    await refused(world.backend.deleteSessions(world.context, {}), 'invalid_request', /session_id/);
  },

  'what is read carries the number to subscribe from': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'hello');
    const { as_of } = await runtime.open(world.context, {});
    expect(as_of).toBeGreaterThan(5);
    const reads = await Promise.all([
      runtime.transcript(world.context, {}),
      runtime.agentInfo(world.context, {}),
      runtime.tools(world.context, {}),
      runtime.toolsets(world.context, {}),
      runtime.models(world.context, {}),
      runtime.permissions(world.context, {}),
      runtime.queue(world.context, {}),
      runtime.usage(world.context, {}),
    ]);
    expect(reads.map((read) => read.as_of)).toEqual(reads.map(() => as_of));
    expect((await runtime.usage(world.context, {})).input_tokens).toBe(100);
    const { models } = await runtime.models(world.context, {});
    expect(models).toMatchObject([{ name: 'openai/gpt-4o', key_present: true }]);
  },

  'the transcript is read in pages, with children only where asked': async ({ open }) => {
    const team = teamOf([], { agent: ['sub_agents: [helper]'] }).concat(
      '  helper:\n    model: openai/gpt-4o\n    description: Helps\n    instruction: Help.\n',
    );
    const world = await open([
      calls('transfer_task', { agent: 'helper', task: 'help me' }),
      { text: 'helped' },
      { text: 'done' },
    ]);
    const runtime = await world.session(team);
    await world.run(runtime, 'go');
    const { messages } = await runtime.transcript(world.context, {});
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
    const last = await runtime.transcript(world.context, { limit: 1 });
    expect(last.messages).toEqual(messages.slice(-1));
    const before = await runtime.transcript(world.context, {
      before: messages[2]?.message_id ?? '',
      limit: 1,
    });
    expect(before.messages).toEqual(messages.slice(1, 2));
    const whole = await runtime.transcript(world.context, { include_children: true });
    expect(whole.messages.map(({ content }) => content)).toContain('help me');
    await refused(runtime.transcript(world.context, { before: 'msg_none' }), 'not_found', /msg_none/);
  },

  'features are what is not refused': async ({ open }) => {
    const world = await open();
    const capabilities = await world.backend.capabilities(world.context, {});
    expect(capabilities.protocol).toBe(PROTOCOL_VERSION);
    expect(capabilities.features).toEqual(OPERATIONS.filter((name) => CONTRACT[name].built));
    expect(capabilities.scopes).toEqual(['read', 'run', 'approve', 'admin']);
    expect(capabilities.limits).toMatchObject({
      steer_queue: 5,
      follow_up_queue: 20,
      event_bytes: 1_048_576,
    });
  },

  'answers are frozen and whole, and events are texts': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM);
    const stream = await runtime.run(world.context, { messages: [{ content: 'hello' }] });
    await collect(stream);
    const opened = await runtime.open(world.context, {});
    expect(Object.isFrozen(opened)).toBe(true);
    expect(Object.isFrozen(opened.session)).toBe(true);
    expect(Object.isFrozen(opened.permissions.layers[0]?.rules.allow)).toBe(true);
    expect(JSON.parse(JSON.stringify(opened))).toStrictEqual(opened);
    const created = await world.backend.createSession(world.context, {
      source: INLINE(TEAM),
      working_dir: world.folder,
    });
    expect(Object.isFrozen(created.agent)).toBe(true);
    expect(JSON.parse(JSON.stringify(created))).toStrictEqual(created);
  },

  'models and the state of the place are told': async ({ open }) => {
    const world = await open();
    const { models } = await world.backend.hostModels(world.context, {});
    expect(models.find(({ name }) => name === 'openai/gpt-4o')).toMatchObject({ key_present: true });
    const { checks } = await world.backend.doctor(world.context, {});
    expect(checks.map(({ name }) => name)).toContain('key OPENAI_API_KEY');
    expect(checks.filter(({ detail }) => detail.includes('test-key'))).toEqual([]);
  },
};

/** Starts a run and waits until its model call was made. */
async function runUntilCalled(world: World, session_id: string): Promise<void> {
  const runtime = world.backend.session(session_id);
  const stream = await runtime.run(world.context, { messages: [{ content: 'go' }] });
  const watcher = new Watcher(stream);
  await watcher.until('model_call');
  void watcher.rest();
}
