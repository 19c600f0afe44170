import { expect } from 'vitest';
import type { ServedTeam, Serving } from '../../../runtime/host/serving.ts';
import { loadTeam } from '../../../team/index.ts';
import { scriptCassette } from '../../model-server/script-cassette.ts';
import { INLINE, logOf, ofType, refused, stopReason, teamOf, type Behaviours } from '../support.ts';
import type { World } from '../world.ts';

/** With an allow rule, which counts only for a team that is trusted. */
const TEAM = teamOf(['shell'], { top: ['permissions:', '  allow: ["shell"]'] });

/** A team as the command line of a server names it: a file of its machine. */
function served(name: string, text = TEAM, trusted = true): ServedTeam {
  const source = { kind: 'inline', entry: `${name}.yaml`, files: { [`${name}.yaml`]: text } } as const;
  const { needsTrust } = loadTeam(source);
  return {
    name,
    source,
    trust_digest: trusted ? needsTrust.digest : undefined,
    description: 'Does what it is told',
    agents: ['root'],
  };
}

async function say(world: World, session_id: string): Promise<string> {
  const events = await world.run(world.backend.session(session_id), 'Hello');
  expect(stopReason(events)).toBe('normal');
  const message = ofType(events, 'message_added').at(-1)?.['message'];
  return String((message as { content?: unknown } | undefined)?.content);
}

export const servedBehaviours: Behaviours = {
  'a server lists its teams by name, and a session of one begins without anything sent': async ({ open }) => {
    const serving: Serving = { teams: [served('review'), served('write', TEAM, false)] };
    const world = await open([{ text: 'Done.' }], { serving });
    const { backend, context } = world;
    const { teams } = await backend.listTeams(context, {});
    expect(teams).toEqual([
      { name: 'review', description: 'Does what it is told', agents: ['root'], trusted: true },
      { name: 'write', description: 'Does what it is told', agents: ['root'], trusted: false },
    ]);
    const source = { kind: 'served', name: 'review' } as const;
    expect(await backend.loadTeam(context, { source })).toMatchObject({
      trusted: true,
      agent_names: ['root'],
    });
    const { session_id } = await backend.createSession(context, { source });
    expect(await say(world, session_id)).toBe('Done.');
  },

  'a served team that nobody said yes to is as untrusted as one that was sent': async ({ open }) => {
    const world = await open([], { serving: { teams: [served('write', TEAM, false)] } });
    const source = { kind: 'served', name: 'write' } as const;
    const loaded = await world.backend.loadTeam(world.context, { source });
    expect(loaded.trusted).toBe(false);
    const trust = { digest: loaded.needs_trust?.digest ?? '' };
    expect(await world.backend.loadTeam(world.context, { source, trust })).toMatchObject({ trusted: true });
  },

  'where one team is served it needs no name; where several are, it does': async ({ open }) => {
    const serving: { teams: readonly ServedTeam[] } = { teams: [served('review')] };
    const world = await open([{ text: 'Done.' }], { serving });
    const { backend, context } = world;
    const { session_id } = await backend.createSession(context, {});
    expect(await say(world, session_id)).toBe('Done.');
    serving.teams = [served('review'), served('write')];
    await refused(backend.createSession(context, {}), 'invalid_request', /name one of review, write/);
    await refused(backend.loadTeam(context, {}), 'invalid_request', /name one of review, write/);
  },

  'a team that is not served is not found, and those that are are named': async ({ open }) => {
    const world = await open([], { serving: { teams: [served('review')] } });
    const { backend, context } = world;
    const source = { kind: 'served', name: 'rewiev' } as const;
    await refused(
      backend.createSession(context, { source }),
      'not_found',
      /no served team rewiev; there is review/,
    );
    const bare = await open([]);
    await refused(bare.backend.loadTeam(bare.context, { source }), 'not_found', /no teams are served here/);
  },

  'a team that was read again is the one of new sessions; a session keeps its own': async ({ open }) => {
    const serving: { teams: readonly ServedTeam[] } = { teams: [served('review')] };
    const world = await open([{ text: 'First.' }, { text: 'Second.' }], { serving });
    const { backend, context } = world;
    const first = await backend.createSession(context, {});
    const other = TEAM.replaceAll('root', 'lead');
    serving.teams = [served('review', other)];
    const second = await backend.createSession(context, {});
    expect(await say(world, first.session_id)).toBe('First.');
    expect(await say(world, second.session_id)).toBe('Second.');
    const agentOf = async (session_id: string): Promise<unknown> =>
      (await logOf(world, session_id))[0]?.['agent'];
    expect([await agentOf(first.session_id), await agentOf(second.session_id)]).toEqual(['root', 'lead']);
  },

  'every session of a server plays its cassette, but for one that brings its own': async ({ open }) => {
    const serving: Serving = { teams: [served('review')] };
    const world = await open([], { serving, env: { OPENAI_API_KEY: undefined } });
    const { backend, context } = world;
    serving.cassette = {
      mode: 'replay',
      match: 'order',
      upload_id: await cassetteOf(world, 'Of the server.'),
    };
    for (const _ of [1, 2]) {
      const { session_id } = await backend.createSession(context, {});
      expect(await say(world, session_id)).toBe('Of the server.');
    }
    const upload_id = await cassetteOf(world, 'Of the client.');
    const own = await backend.createSession(context, {
      runtime_config: { cassette: { mode: 'replay', match: 'order', upload_id } },
    });
    expect(await say(world, own.session_id)).toBe('Of the client.');
  },

  'a session that began before plays the cassette of the server from its next run on': async ({ open }) => {
    const serving: Serving = { teams: [] };
    const world = await open([{ text: 'Of a model.' }], { serving });
    const { backend, context } = world;
    const { session_id } = await backend.createSession(context, { source: INLINE(teamOf()) });
    expect(await say(world, session_id)).toBe('Of a model.');
    const again = await open([], {
      serving: {
        teams: [],
        cassette: { mode: 'replay', match: 'order', upload_id: await cassetteOf(world, 'Played.') },
      },
      data: world.data,
      folder: world.folder,
    });
    expect(await say(again, session_id)).toBe('Played.');
  },
};

async function cassetteOf(world: World, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(
    scriptCassette([{ text }], { api: 'openai_chatcompletions', model: 'gpt-4o' }),
  );
  const upload = await world.backend.upload(
    world.context,
    { name: 'cassette.yaml', media_type: 'application/yaml' },
    bytes,
  );
  return upload.upload_id;
}
