import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CreateSessionRequest } from '../../../protocol/contract/payloads.ts';
import { fixtureToolset, mcpTeam } from '../../mcp/fixture.ts';
import { asker } from '../policy-cases.ts';
import { skillText, writeFiles } from '../skills-of.ts';
import { calls, ofType, only, refused, stopReason, teamOf, Watcher, type Behaviours } from '../support.ts';

const TEAM = teamOf(['shell'], { agent: ['skills: [local, ./skills]'] });
const LOCAL = teamOf(['shell'], { agent: ['skills: true'] });

/** A team with files of skills beside it, as a client sends it. */
const withSkills = (files: Readonly<Record<string, string>>, team = TEAM) =>
  ({ kind: 'inline', entry: 'team.yaml', files: { ...files, 'team.yaml': team } }) as const;

const namesOf = (skills: readonly { name: string; source: string }[]): string[] =>
  skills.map(({ name, source }) => `${name} ${source}`);

/** Two folders of this test alone: one that outlives a world, and one of a user. */
async function inFolders(body: (folders: { data: string; folder: string; home: string }) => Promise<void>) {
  const root = await mkdtemp(join(tmpdir(), 'yonder-skills-'));
  try {
    const [data, folder, home] = ['data', 'work', 'home'].map((name) => join(root, name));
    await writeFiles(root, { 'data/x': '', 'work/x': '', 'home/x': '' });
    await body({ data: data ?? '', folder: folder ?? '', home: home ?? '' });
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

export const skillPlaceBehaviours: Behaviours = {
  'the first of a name is taken: of the team, of the workspace, of the user': ({ open }) =>
    inFolders(async ({ home }) => {
      const world = await open([calls('read_skill', { name: 'a' }), { text: 'Read.' }], {
        user_skills: [{ root: home, folders: ['.claude/skills'], shown: '~' }],
      });
      await writeFiles(world.folder, {
        '.agents/skills/a/SKILL.md': skillText('a', 'Of the workspace.'),
        '.agents/skills/b/SKILL.md': skillText('b', 'Of the workspace.'),
      });
      await writeFiles(home, {
        '.claude/skills/b/SKILL.md': skillText('b', 'Of the user.'),
        '.claude/skills/c/SKILL.md': skillText('c', 'Of the user.'),
      });
      const source = withSkills({ 'skills/a/SKILL.md': skillText('a', 'Of the team.'), 'other.md': 'no' });
      const { needs_trust } = await world.backend.loadTeam(world.context, { source });
      const runtime = await world.session(TEAM, {
        source,
        trust: { digest: needs_trust?.digest ?? '' },
      } satisfies CreateSessionRequest);
      const { skills, warnings } = await runtime.skills(world.context, {});
      expect(namesOf(skills)).toEqual(['a team', 'b workspace', 'c user']);
      expect(warnings).toEqual([
        'there are two skills named a: skills/a/SKILL.md (of the team) is used, .agents/skills/a/SKILL.md is not; give one of them another name',
        'there are two skills named b: .agents/skills/b/SKILL.md is used, ~/.claude/skills/b/SKILL.md is not; give one of them another name',
      ]);
      const events = await world.run(runtime, 'go');
      expect(only(events, 'tool_call_response')['response']).toContain('Of the team.');
    }),

  'a team that nobody trusted is not given the skills of the user': ({ open }) =>
    inFolders(async ({ home }) => {
      const world = await open([], { user_skills: [{ root: home, folders: ['skills'], shown: '~' }] });
      await writeFiles(home, { 'skills/mine/SKILL.md': skillText('mine', 'Private.') });
      await writeFiles(world.folder, { '.agents/skills/ours/SKILL.md': skillText('ours', 'Ours.') });
      const source = withSkills({}, LOCAL);
      const { needs_trust, warnings } = await world.backend.loadTeam(world.context, { source });
      expect(needs_trust?.items).toEqual([
        {
          kind: 'user_skills',
          where: 'agents.root.skills',
          text: 'it is given the skills of your home',
          blocks: false,
        },
      ]);
      expect(warnings.map(({ message }) => message)).toContain(
        'of "skills", those of your home: giving them to it is ignored until the team is trusted (--trust)',
      );
      const { session_id } = await world.backend.createSession(world.context, {
        source,
        working_dir: world.folder,
      });
      const untrusted = await world.backend.session(session_id).skills(world.context, {});
      expect(namesOf(untrusted.skills)).toEqual(['ours workspace']);
      const trusted = await (await world.session(LOCAL)).skills(world.context, {});
      expect(namesOf(trusted.skills)).toEqual(['ours workspace', 'mine user']);
    }),

  'on a server the policy names the folders of skills that are not of the workspace': ({ open }) =>
    inFolders(async ({ home }) => {
      const world = await open([
        calls('read_skill_file', { skill_name: 'house', path: 'a.md' }),
        { text: 'ok' },
      ]);
      await writeFiles(home, {
        'house/SKILL.md': skillText('house', 'Ours.'),
        'house/a.md': 'the file',
        '.claude/skills/known/SKILL.md': skillText('known', 'Known.'),
      });
      const without = await asker(world).create({}, LOCAL);
      expect((await without.skills(world.context, {})).skills).toEqual([]);
      const dave = asker(world, { skills: [home] }, { principal: 'dave' });
      const runtime = await dave.create({}, LOCAL);
      expect(namesOf((await runtime.skills(dave.context, {})).skills)).toEqual(['known user', 'house user']);
      const { as_of } = await runtime.open(dave.context, {});
      const { run_id } = await runtime.run(dave.context, { messages: [{ content: 'go' }] });
      const events = await new Watcher(runtime.follow(dave.context, { after: as_of, run_id })).rest();
      expect(only(events, 'tool_call_response')['response']).toBe('the file');
    }),

  'names choose, and one that is nowhere is said': async ({ open }) => {
    const world = await open();
    await writeFiles(world.folder, {
      '.agents/skills/a/SKILL.md': skillText('a', 'A.'),
      '.agents/skills/b/SKILL.md': skillText('b', 'B.'),
    });
    const chosen = teamOf([], { agent: ['skills: [b, c]', 'commands: {b: Do b.}'] });
    const runtime = await world.session(chosen);
    const { skills, warnings } = await runtime.skills(world.context, {});
    expect(namesOf(skills)).toEqual(['b workspace']);
    expect(warnings).toEqual([
      'the agent root names the skill c, which was not found; there are a, b',
      '/b is the command of root; the skill .agents/skills/b/SKILL.md of the same name is for the model alone',
    ]);
    await refused(
      world.session(teamOf([], { agent: ['skills: ["https://skills.example/index.json"]'] })),
      'unsupported',
      /skills by an address \(https:\/\/skills\.example\/index\.json\)/,
    );
    await refused(
      world.session(teamOf([], { agent: ['skills: [../up]'] })),
      'invalid_team',
      /"\.\.\/up" is no folder beside the team's file/,
    );
  },

  'a sub-agent of a skill goes on after the process ended, by the text that it began with': ({ open }) =>
    inFolders(async ({ data, folder }) => {
      const file = '.agents/skills/act/SKILL.md';
      await writeFiles(folder, { [file]: skillText('act', 'The text of then.', ['allowed-tools: shell']) });
      const first = await open(
        [calls('run_skill', { name: 'act', task: 'Touch it.' }), calls('shell', { cmd: 'touch it' })],
        { data, folder },
      );
      const cut = await first.session(LOCAL, { unattended: 'wait' });
      const watcher = new Watcher(await cut.run(first.context, { messages: [{ content: 'go' }] }));
      const { request_id } = await watcher.until('tool_call_confirmation');
      await first.close();
      await writeFiles(folder, { [file]: skillText('act', 'Another text.') });
      const second = await open([{ text: 'Touched.' }, { text: 'It is done.' }], { data, folder });
      const { tools } = await second.backend.session(cut.session_id).tools(second.context, {});
      expect(tools.map(({ name }) => name)).toContain('run_skill');
      const { recovered } = await second.backend.createSession(second.context, {
        resume_session_id: cut.session_id,
        unattended: 'wait',
      });
      const runtime = second.backend.session(cut.session_id);
      const rest = new Watcher(runtime.follow(second.context, { ...recovered }));
      await runtime.answer(second.context, { request_id: String(request_id), decision: 'approve' });
      const events = await rest.rest();
      expect(stopReason(events)).toBe('normal');
      expect(ofType(events, 'stream_started')).toEqual([]);
      const asked = JSON.stringify(second.model.journal[0]?.body);
      expect(asked).toContain('The text of then.');
      expect(asked).not.toContain('Another text.');
      expect(asked).not.toContain('read_skill"');
      expect(ofType(events, 'sub_session_completed')).toMatchObject([{ answer: 'Touched.' }]);
    }),

  "what a skill leaves of a server's tools is offered, and all of them are noted": async ({ open }) => {
    const world = await open([calls('fix_echo', { text: 'hello' }), { text: 'Done.' }]);
    await writeFiles(world.folder, {
      '.agents/skills/say/SKILL.md': skillText('say', 'Say it.', ['allowed-tools: mcp__fix__echo']),
    });
    const runtime = await world.session(mcpTeam([fixtureToolset()], ['    skills: true']), {
      safety: 'autonomous',
    });
    const { as_of } = await runtime.open(world.context, {});
    const { run_id } = await runtime.skill(world.context, { name: 'say' });
    const events = await new Watcher(runtime.follow(world.context, { after: as_of, run_id })).rest();
    expect(only(events, 'tool_call_response')['response']).toBe('echo: hello');
    const offered = JSON.stringify(world.model.journal[0]?.body['tools']);
    expect(offered).toContain('fix_echo');
    expect(offered).not.toContain('fix_picture');
    // Definitions count from their first sight on, also of what this run was not offered (R16).
    expect(ofType(events, 'toolset_info').at(-1)?.['digests']).toHaveProperty(['fix/picture']);
  },

  'what a skill took away stays away from those that its run hands work to': async ({ open }) => {
    const world = await open([
      calls('run_skill', { name: 'hand', task: 'go' }),
      calls('transfer_task', { agent: 'helper', task: 'write' }),
      calls('shell', { cmd: 'touch evil' }),
      { text: 'No.' },
      { text: 'No.' },
      { text: 'No.' },
    ]);
    await writeFiles(world.folder, {
      '.agents/skills/hand/SKILL.md': skillText('hand', 'Hand it on.', ['allowed-tools: [Task]']),
    });
    const team = `${teamOf(['shell'], { agent: ['skills: true', 'sub_agents: [helper]'] })}  helper:\n    model: openai/gpt-4o\n    description: Helps\n    instruction: Help.\n    toolsets:\n      - type: shell\n`;
    const runtime = await world.session(team, { safety: 'autonomous' });
    const events = await world.run(runtime, 'go');
    const tools = world.model.journal.map(({ body }) => JSON.stringify(body['tools'] ?? []));
    expect(tools[0]).toContain('"shell"');
    expect(tools[1]).toContain('"transfer_task"');
    expect(tools[1]).not.toContain('"shell"');
    expect(tools[2]).not.toContain('"shell"');
    expect(ofType(events, 'tool_call_response')[0]).toMatchObject({ outcome: 'invalid' });
  },
};
