import { expect } from 'vitest';
import { INLINE, only, refused, stopReason, teamOf, type Behaviours } from '../support.ts';

const TEAM = teamOf([], {
  model: 'openai/gpt-4o',
  top: [
    'providers:',
    '  mine: {base_url: "http://mine.test/v1", token_key: MINE_KEY, temperature: 0.25}',
    '  openai: {base_url: "http://house.test/v1", token_key: HOUSE_KEY}',
  ],
});
const ENV = { MINE_KEY: 'the-key-of-mine', HOUSE_KEY: 'the-key-of-the-house' };

export const modelNameBehaviours: Behaviours = {
  'a model that the team does not declare, of a provider that it does, can be set and named': async ({
    open,
  }) => {
    const world = await open([{ text: 'set' }, { text: 'named' }], { env: ENV });
    const runtime = await world.session(TEAM);
    await runtime.setModel(world.context, { model: 'mine/other' });
    expect(stopReason(await world.run(runtime, 'hello'))).toBe('normal');
    const named = await world.session(TEAM, { model_overrides: ['mine/other'] });
    expect(stopReason(await world.run(named, 'hello'))).toBe('normal');
    const seen = world.model.journal.map(({ headers, body }) => [
      headers.get('authorization'),
      body['model'],
      body['temperature'],
    ]);
    expect(seen).toEqual([
      ['Bearer the-key-of-mine', 'other', 0.25],
      ['Bearer the-key-of-mine', 'other', 0.25],
    ]);
  },

  'a model that is set later goes where the team says that its provider is': async ({ open }) => {
    const world = await open([{ text: 'a' }], { env: ENV });
    const runtime = await world.session(TEAM);
    await runtime.setModel(world.context, { model: 'openai/gpt-5' });
    await world.run(runtime, 'hello');
    const [entry] = world.model.journal;
    expect(entry).toMatchObject({ wire: 'openai_chatcompletions', body: { model: 'gpt-5' } });
    expect(entry?.headers.get('authorization')).toBe('Bearer the-key-of-the-house');
  },

  'a model of a provider that nobody declares is refused, with what there is': async ({ open }) => {
    const world = await open([], { env: { ...ENV, MINE_KEY: undefined } });
    const runtime = await world.session(TEAM);
    const words = /there is no model nobody\/x; .*own providers mine, openai too/;
    await refused(runtime.setModel(world.context, { model: 'nobody/x' }), 'model_unavailable', words);
    for (const model of ['mine/', 'constructor', '/x'])
      await refused(runtime.setModel(world.context, { model }), 'model_unavailable', /there is no model/);
    await refused(runtime.setModel(world.context, { model: 'mine/x' }), 'model_unavailable', /set MINE_KEY/);
    await refused(
      world.backend.loadTeam(world.context, { source: INLINE(TEAM), model_overrides: ['nobody/x'] }),
      'invalid_request',
      /unknown provider "nobody"/,
    );
  },

  'a key that was given for the session counts before the variable, and an empty one is none': async ({
    open,
  }) => {
    const world = await open([{ text: 'a' }, { text: 'b' }]);
    for (const OPENAI_API_KEY of ['key-for-this-run', ' ']) {
      const runtime = await world.session(teamOf([]), { runtime_config: { env: { OPENAI_API_KEY } } });
      expect(stopReason(await world.run(runtime, 'hello'))).toBe('normal');
    }
    const keys = world.model.journal.map(({ headers }) => headers.get('authorization'));
    expect(keys).toEqual(['Bearer key-for-this-run', 'Bearer test-key']);
  },

  'what is set holds when the session is opened again': async ({ open }) => {
    const first = await open([{ text: 'a' }], { env: ENV });
    const runtime = await first.session(TEAM);
    await runtime.setModel(first.context, { model: 'mine/other' });
    await first.run(runtime, 'hello');
    const { session_id } = await first.backend.createSession(first.context, {
      resume_session_id: runtime.session_id,
    });
    first.model.add({ text: 'b' });
    const events = await first.run(first.backend.session(session_id), 'again');
    expect(only(events, 'model_call')['model']).toBe('mine/other');
  },
};
