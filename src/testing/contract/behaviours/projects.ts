import { expect } from 'vitest';
import { calls, INLINE, only, refused, teamOf, type Behaviours } from '../support.ts';

const TEAM = teamOf(['shell']);
const TOUCH = calls('shell', { cmd: 'touch made' });

export const projectBehaviours: Behaviours = {
  'allow rules of a project do not count before its yes, and do after it': async ({ open }) => {
    const project = { project_permissions: { allow: ['shell:cmd=touch *'] }, unattended: 'refuse' as const };
    const untrusted = await open([TOUCH, { text: 'no' }]);
    const asked = await untrusted.run(await untrusted.session(TEAM, project), 'go');
    expect(only(asked, 'tool_call_decision')).toMatchObject({ decision: 'ask' });

    const trusted = await open([TOUCH, { text: 'yes' }]);
    const ran = await trusted.run(await trusted.session(TEAM, { ...project, project_trusted: true }), 'go');
    expect(only(ran, 'tool_call_decision')).toMatchObject({ decision: 'allow', layer: 'project' });
  },

  'deny rules of a project count always, under autonomous too': async ({ open }) => {
    const world = await open([TOUCH, { text: 'no' }]);
    const request = { project_permissions: { deny: ['shell'] }, safety: 'autonomous' as const };
    const events = await world.run(await world.session(TEAM, request), 'go');
    expect(only(events, 'tool_call_decision')).toMatchObject({ decision: 'deny', layer: 'project' });
  },

  'the safety of a project is stricter than what holds, or nothing': async ({ open }) => {
    const world = await open();
    const safetyOf = async (team: string, request: object): Promise<unknown> =>
      (await world.backend.createSession(world.context, { source: INLINE(team), ...request })).safety;
    expect(await safetyOf(TEAM, { project_safety: 'strict' })).toBe('strict');
    expect(await safetyOf(TEAM, { project_safety: 'autonomous' })).toBe('balanced');
    expect(await safetyOf(`${TEAM}safety: restricted\n`, { project_safety: 'strict' })).toBe('restricted');
    expect(await safetyOf(TEAM, { project_safety: 'strict', safety: 'balanced' })).toBe('balanced');
  },

  'a default model of a provider that the team declares is what auto is': async ({ open }) => {
    const world = await open([], { env: { MY_KEY: 'a-key-of-mine' } });
    const team = `${teamOf([]).replace(/model: \S+/, 'model: auto')}providers: {mine: {base_url: "http://127.0.0.1:9", token_key: MY_KEY}}\n`;
    const { needs_trust } = await world.backend.loadTeam(world.context, { source: INLINE(team) });
    const create = (default_model: string) =>
      world.backend.createSession(world.context, {
        source: INLINE(team),
        trust: { digest: needs_trust?.digest ?? '' },
        runtime_config: { default_model },
      });
    const { session_id } = await create('mine/any');
    const answer = await world.backend.session(session_id).models(world.context, {});
    expect(answer).toMatchObject({
      models: [
        { name: 'auto', key_present: true },
        { name: 'mine/any', key_present: true },
      ],
    });
    await refused(create('other/any'), 'model_unavailable', /there is no model other\/any/);
  },
};
