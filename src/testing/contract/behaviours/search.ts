import { expect } from 'vitest';
import { calls, refused, teamOf, type Behaviours } from '../support.ts';
import type { World } from '../world.ts';

const TEAM = teamOf(['shell'], { agent: ['safety: autonomous'] });

const find = async (world: World, query: string, more: object = {}) =>
  (await world.backend.searchSessions(world.context, { query, ...more })).sessions;
const titles = async (world: World, query: string, more: object = {}) =>
  (await find(world, query, more)).map(({ title }) => title);

export const searchBehaviours: Behaviours = {
  'what a person, a model or a tool said is found, with a snippet and where it stands': async ({ open }) => {
    const world = await open([
      calls('shell', { cmd: 'echo gizmo from the tool' }),
      { text: 'The Zürich ferry leaves at nine.' },
    ]);
    const runtime = await world.session(TEAM, { title: 'Timetables', safety: 'autonomous' });
    await world.run(runtime, 'When does the ferry leave, please?');
    const [user] = await find(world, 'please');
    expect(user?.session_id).toBe(runtime.session_id);
    expect(user?.match).toMatchObject({
      where: 'user',
      snippet: 'When does the ferry leave, please?',
      count: 1,
    });
    const [start = 0, end = 0] = user?.match.marks[0] ?? [];
    expect(user?.match.snippet.slice(start, end)).toBe('please');
    const { messages } = await runtime.transcript(world.context, {});
    const [answer] = await find(world, 'zurich');
    expect(answer?.match).toMatchObject({ where: 'assistant', message_id: messages.at(-1)?.message_id });
    expect((await find(world, 'gizmo'))[0]?.match).toMatchObject({
      where: 'tool',
      message_id: messages[2]?.message_id,
    });
    expect((await find(world, 'timetab'))[0]?.match).toMatchObject({ where: 'title', snippet: 'Timetables' });
    expect((await find(world, 'ferry'))[0]?.match.count).toBe(2);
    expect((await find(world, 'ferry nine'))[0]?.match.where).toBe('assistant');
  },

  'a query is words: quotes make a phrase, and nothing is syntax': async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM, { title: 'Notes' });
    await world.run(runtime, 'the quick brown fox, e.g. NEAR(it) in src/a-b.ts');
    for (const query of ['fox brown', '"brown fox"', 'bro', 'NEAR(it)', 'src/a-b.ts', 'title:the* AND'])
      expect([query, await titles(world, query)]).toEqual([
        query,
        query.startsWith('title') ? [] : ['Notes'],
      ]);
    for (const query of ['"fox brown"', 'bird', '%', '"', '-', '*', '""', 'fox AND OR'])
      expect([query, await titles(world, query)]).toEqual([query, []]);
    await refused(world.backend.searchSessions(world.context, { query: '  ' }), 'invalid_request', /query/);
    await refused(
      world.backend.searchSessions(world.context, { query: 'fox', page: 'x' }),
      'invalid_request',
      /page/,
    );
  },

  'a title counts more, results come in pages, and only what fits folder and star': async ({ open }) => {
    const world = await open([{ text: 'ok' }, { text: 'ok' }]);
    const said = await world.session(TEAM, { title: 'Other' });
    await world.run(said, 'something about a walrus');
    const named = await world.session(TEAM, { title: 'The walrus' });
    await world.run(named, 'hello');
    expect(await titles(world, 'walrus')).toEqual(['The walrus', 'Other']);
    const page = await world.backend.searchSessions(world.context, { query: 'walrus', limit: 1 });
    expect([page.sessions.length, page.next_page, page.unindexed]).toEqual([1, '1', 0]);
    expect(await titles(world, 'walrus', { limit: 1, page: page.next_page })).toEqual(['Other']);
    expect(await titles(world, 'walrus', { cwd: '/elsewhere' })).toEqual([]);
    await said.setStarred(world.context, { starred: true });
    await expect.poll(() => titles(world, 'walrus', { starred: true })).toEqual(['Other']);
    await said.setTitle(world.context, { title: 'Sea lions' });
    await expect.poll(() => titles(world, 'lions')).toEqual(['Sea lions']);
    expect(await titles(world, 'other')).toEqual([]);
    await world.backend.deleteSessions(world.context, { session_id: named.session_id });
    expect(await titles(world, 'walrus')).toEqual(['Sea lions']);
  },

  "somebody else's sessions are not found": async ({ open }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM, { title: 'Mine' });
    await world.run(runtime, 'a secret walrus');
    const other = world.as('eve', ['read', 'run']);
    expect((await other.backend.searchSessions(other.context, { query: 'walrus' })).sessions).toEqual([]);
  },
};
