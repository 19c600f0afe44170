import { expect } from 'vitest';
import type { CreateSessionRequest } from '../../../protocol/contract/payloads.ts';
import { failure, INLINE, logOf, refused, teamOf, type Behaviours } from '../support.ts';
import type { World } from '../world.ts';

const TEAM = teamOf(['think']);

const create = (world: World, request: CreateSessionRequest = {}, key?: string) =>
  world.backend.createSession(
    { ...world.context, ...(key === undefined ? {} : { idempotency_key: key }) },
    { source: INLINE(TEAM), working_dir: world.folder, ...request },
  );

async function storesNothing(world: World): Promise<void> {
  expect((await world.backend.listSessions(world.context, {})).sessions).toEqual([]);
}

export const creationBehaviours: Behaviours = {
  'a session begins with its settings as the first event': async ({ open }) => {
    const world = await open();
    const created = await create(world, { title: 'A title', safety: 'strict' });
    expect(created.session).toMatchObject({ title: 'A title', state: 'idle', working_dir: world.folder });
    expect(created.agent.name).toBe('root');
    expect(created.safety).toBe('strict');
    expect(created.as_of).toBe(2);
    const [first, ...others] = await logOf(world, created.session_id);
    expect(first).toMatchObject({ seq: 1, type: 'settings_changed', agent: 'root', safety: 'strict' });
    expect(others).toMatchObject([{ seq: 2, type: 'session_title', title: 'A title' }]);
  },

  'a model without its key is refused before anything is made, naming the variable': async ({ open }) => {
    const world = await open([], { env: { OPENAI_API_KEY: undefined } });
    const error = await refused(create(world), 'model_unavailable', /OPENAI_API_KEY/);
    expect(error.details).toMatchObject({ variable: 'OPENAI_API_KEY' });
    await storesNothing(world);
  },

  'an unknown agent lists the valid ones': async ({ open }) => {
    const world = await open();
    const error = await refused(create(world, { agent_name: 'rot' }), 'not_found', /no agent rot.*root/);
    expect(error.details).toEqual({ agents: ['root'] });
    await storesNothing(world);
  },

  'a working directory that is not there, is a file or is relative is refused': async ({ open }) => {
    const world = await open();
    await refused(create(world, { working_dir: '/no/such/folder' }), 'not_found', /\/no\/such\/folder/);
    await refused(create(world, { working_dir: '/dev/null' }), 'invalid_request', /not a folder/);
    await refused(create(world, { working_dir: 'relative' }), 'invalid_request', /absolute/);
    await storesNothing(world);
  },

  'tools_approved is autonomous, and another mode beside it is a contradiction': async ({ open }) => {
    const world = await open();
    expect((await create(world, { tools_approved: true })).safety).toBe('autonomous');
    await refused(
      create(world, { tools_approved: true, safety: 'strict' }),
      'invalid_request',
      /tools_approved.*"strict"/,
    );
  },

  'a team digest is a guard: another team is a conflict': async ({ open }) => {
    const world = await open();
    const { team_digest } = await world.backend.loadTeam(world.context, { source: INLINE(TEAM) });
    expect((await create(world, { team_digest })).team.digest).toBe(team_digest);
    await refused(
      create(world, { team_digest, source: INLINE(teamOf()) }),
      'conflict',
      /changed; load it again/,
    );
  },

  'an unknown field is named with its path': async ({ open }) => {
    const world = await open();
    const wrong = { runtime_config: { casette: {} }, colour: 'red' } as unknown as CreateSessionRequest;
    const error = await failure(create(world, wrong));
    expect(error.code).toBe('invalid_request');
    expect(error.message).toBe('session/create: unknown field runtime_config.casette; unknown field colour');
  },

  'a field of the wrong type is named with its path': async ({ open }) => {
    const world = await open();
    const wrong = { permissions: { allow: [1] } } as unknown as CreateSessionRequest;
    const error = await refused(create(world, wrong), 'invalid_request', /permissions\.allow\.0/);
    expect(error.details).toMatchObject({ issues: [{ path: 'permissions.allow.0' }] });
  },

  'a pattern that cannot be read is refused before anything is made': async ({ open }) => {
    const world = await open();
    await refused(create(world, { permissions: { allow: [''] } }), 'invalid_request', /permissions/);
    await storesNothing(world);
  },

  'a repeat with the same key is the same session, another body under it a conflict': async ({ open }) => {
    const world = await open();
    const first = await create(world, {}, 'key-1');
    const second = await create(world, {}, 'key-1');
    expect(second.session_id).toBe(first.session_id);
    expect((await world.backend.listSessions(world.context, {})).sessions).toHaveLength(1);
    await refused(create(world, { title: 'other' }, 'key-1'), 'idempotency_conflict', /key/);
    expect((await create(world, {}, 'key-2')).session_id).not.toBe(first.session_id);
  },

  'a key under which the request was refused is free': async ({ open }) => {
    const world = await open();
    await refused(create(world, { agent_name: 'rot' }, 'key-1'), 'not_found', /rot/);
    expect((await create(world, {}, 'key-1')).agent.name).toBe('root');
  },

  'what the request asks for and nobody built is refused by name': async ({ open }) => {
    const world = await open();
    const asks: [CreateSessionRequest, RegExp][] = [
      [{ budget: { max_time_ms: 5 } }, /a budget of time/],
      [{ session_db: '/tmp/x.db' }, /session_db/],
      [{ runtime_config: { code_mode_tools: true } }, /code mode/],
      [
        { runtime_config: { hooks: { stop: [{ type: 'model', prompt: 'Well?' }] } } },
        /a hook that asks a model.*runtime_config\.hooks\.stop\[0\]\.type/,
      ],
    ];
    for (const [request, words] of asks) await refused(create(world, request), 'unsupported', words);
    await storesNothing(world);
  },

  'a team that holds the run until a yes is refused without it': async ({ open }) => {
    const world = await open();
    const source = INLINE(teamOf([], { agent: [], top: ['read_roots: [/etc]'] }));
    await refused(create(world, { source }), 'untrusted_team', /read_roots/);
    await storesNothing(world);
    const { needs_trust } = await world.backend.loadTeam(world.context, { source });
    const trust = { digest: needs_trust?.digest ?? '' };
    expect((await create(world, { source, trust })).session.state).toBe('idle');
  },
};
