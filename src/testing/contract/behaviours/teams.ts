import { expect } from 'vitest';
import { BUILT_IN_TEAM_NAMES } from '../../../team/index.ts';
import { failure, INLINE, refused, teamOf, type Behaviours } from '../support.ts';

const UNTRUSTED = teamOf(['shell'], { top: ['permissions:', '  allow: ["shell:cmd=ls *"]'] });

export const teamBehaviours: Behaviours = {
  'a team is loaded, checked and described, and nothing of it is kept': async ({ open }) => {
    const world = await open();
    const loaded = await world.backend.loadTeam(world.context, { source: INLINE(teamOf(['think', 'todo'])) });
    expect(loaded.agent_names).toEqual(['root']);
    expect(loaded.default_agent).toBe('root');
    expect(loaded.agents.map((agent) => agent.model)).toEqual(['openai/gpt-4o']);
    expect(loaded.toolsets.map(({ type, agent }) => `${agent}/${type}`)).toEqual(['root/think', 'root/todo']);
    expect(loaded.models).toMatchObject([{ provider: 'openai', model: 'gpt-4o', key_present: true }]);
    expect(loaded.team_digest).toMatch(/^(sha256:)?[0-9a-f]{64}$/);
    expect((await world.backend.listSessions(world.context, {})).sessions).toEqual([]);
  },

  'the same text gives the same digest, another text another one': async ({ open }) => {
    const { backend, context } = await open();
    const digest = async (team: string) =>
      (await backend.loadTeam(context, { source: INLINE(team) })).team_digest;
    const first = await digest(teamOf());
    expect(await digest(teamOf())).toBe(first);
    expect(await digest(teamOf(['think']))).not.toBe(first);
  },

  'what needs a yes is listed with a digest, and the yes makes the team trusted': async ({ open }) => {
    const { backend, context } = await open();
    const source = INLINE(UNTRUSTED);
    const loaded = await backend.loadTeam(context, { source });
    expect(loaded.trusted).toBe(false);
    expect(loaded.needs_trust?.items.map(({ where, blocks }) => ({ where, blocks }))).toEqual([
      { where: expect.stringMatching(/^permissions/), blocks: false },
    ]);
    const digest = loaded.needs_trust?.digest ?? '';
    const trusted = await backend.loadTeam(context, { source, trust: { digest } });
    expect(trusted.trusted).toBe(true);
    const wrong = await backend.loadTeam(context, { source, trust: { digest: '0'.repeat(64) } });
    expect(wrong.trusted).toBe(false);
  },

  'a key that is missing and an allow rule that does not count yet are warnings': async ({ open }) => {
    const { backend, context } = await open([], { env: { OPENAI_API_KEY: undefined } });
    const team = teamOf(['shell'], { top: ['permissions:', '  allow: ["shell:cmd=ls*"]'] });
    const loaded = await backend.loadTeam(context, { source: INLINE(team) });
    const said = loaded.warnings.map(({ message }) => message).join('\n');
    expect(said).toContain('OPENAI_API_KEY');
    expect(said).toContain('"shell:cmd=ls*" is ignored until the team is trusted');
    expect(loaded.models.map(({ key_present }) => key_present)).toEqual([false]);
  },

  'a key that is not built loads with its place, and is unsupported where a session would begin': async ({
    open,
  }) => {
    const { backend, context, folder } = await open();
    const source = INLINE(teamOf([], { agent: ['code_mode_tools: true'] }));
    const loaded = await backend.loadTeam(context, { source });
    expect(loaded.unsupported).toEqual([
      expect.objectContaining({
        key: 'agents.root.code_mode_tools',
        where: { file: 'team.yaml', line: 6, column: expect.any(Number) },
      }),
    ]);
    await refused(
      backend.createSession(context, { source, working_dir: folder }),
      'unsupported',
      /team\.yaml:6:5: agents\.root\.code_mode_tools/,
    );
    expect((await backend.listSessions(context, {})).sessions).toEqual([]);
  },

  'every fault of a team is named at once, with file, line and column': async ({ open }) => {
    const { backend, context } = await open();
    const source = INLINE('agents:\n  root:\n    modle: openai/gpt-4o\n    toolsets:\n      - type: shel\n');
    const error = await failure(backend.loadTeam(context, { source }));
    expect(error.code).toBe('invalid_team');
    expect(error.message).toContain('team.yaml:3:5');
    expect(error.message).toContain('model');
    expect(error.message).toContain('team.yaml:5:');
    expect(error.message).toContain('shell');
    expect(error.details?.['problems']).toHaveLength(2);
  },

  'the teams that are built in are listed and load': async ({ open }) => {
    const { backend, context } = await open();
    const { teams } = await backend.listTeams(context, {});
    expect(teams.map(({ name }) => name)).toEqual([...BUILT_IN_TEAM_NAMES]);
    for (const { name, agents } of teams) {
      const loaded = await backend.loadTeam(context, { source: { kind: 'builtin', name } });
      expect(loaded.agent_names).toEqual(agents);
      expect(loaded.trusted).toBe(true);
    }
  },

  "a model that the request puts in the place of the team's own is the one that is described": async ({
    open,
  }) => {
    const { backend, context } = await open();
    const loaded = await backend.loadTeam(context, {
      source: INLINE(teamOf()),
      model_overrides: ['root=openai/gpt-4o-mini'],
    });
    expect(loaded.agents.map((agent) => agent.model)).toEqual(['openai/gpt-4o-mini']);
  },
};
