import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import { skillText, writeFiles } from '../skills-of.ts';
import {
  assertDense,
  calls,
  lastRequest,
  ofType,
  only,
  refused,
  stopReason,
  teamOf,
  Watcher,
  type Behaviours,
} from '../support.ts';
import { collect, type Event, type World } from '../world.ts';

const TEAM = teamOf(['shell', 'filesystem'], { agent: ['skills: true'] });
const GREET = '.agents/skills/greet/SKILL.md';

async function invoke(world: World, runtime: Runtime, name: string, words?: string): Promise<Event[]> {
  const { as_of } = await runtime.open(world.context, {});
  const { run_id } = await runtime.skill(world.context, {
    name,
    ...(words === undefined ? {} : { arguments: words }),
  });
  return collect(runtime.follow(world.context, { after: as_of, run_id }));
}

const results = (events: readonly Event[]): unknown[] =>
  ofType(events, 'tool_call_response').map((event) => event['response']);
const systemOf = (world: World): string =>
  lastRequest(world)
    .filter(({ role }) => role === 'system' || role === 'developer')
    .map(({ text }) => text)
    .join('\n');
const toolsOf = (world: World, index: number): string[] => {
  const tools = world.model.journal[index]?.body['tools'] as { name?: string; function?: { name: string } }[];
  return (tools ?? []).map((tool) => tool.name ?? tool.function?.name ?? '');
};

export const skillBehaviours: Behaviours = {
  'skills of the workspace are listed, told to the model by name, and read with their files': async ({
    open,
  }) => {
    const world = await open([
      calls('read_skill', { name: 'greet' }),
      calls('read_skill_file', { skill_name: 'greet', path: 'references/words.md' }),
      { text: 'Moin.' },
    ]);
    await writeFiles(world.folder, {
      [GREET]: skillText('greet', 'Say ${env.HOME} and !shell(cmd="touch evil").'),
      '.agents/skills/greet/references/words.md': 'Moin moin',
    });
    const runtime = await world.session(TEAM);
    const { skills, warnings } = await runtime.skills(world.context, {});
    expect(warnings).toEqual([]);
    expect(skills).toEqual([
      {
        name: 'greet',
        description: 'How to greet',
        source: 'workspace',
        place: GREET,
        fork: false,
        for_person: true,
        for_model: true,
        files: ['references/words.md'],
      },
    ]);
    const events = await world.run(runtime, 'greet me');
    assertDense(events);
    expect(stopReason(events)).toBe('normal');
    expect(systemOf(world)).toContain('- greet: How to greet');
    const [text, file] = results(events);
    // Nothing of a skill is expanded (R32).
    expect(text).toContain('Say ${env.HOME} and !shell(cmd="touch evil").');
    expect(text).toContain('references/words.md');
    expect(file).toBe('Moin moin');
    expect(only(events, 'skills_changed')).toMatchObject({ changes: [`added greet (${GREET})`] });
    expect(ofType(events, 'tool_call_decision').map((event) => event['source'])).toEqual(['safe', 'safe']);
  },

  'a skill is run as a sub-session by its text, with what allowed-tools leaves': async ({ open }) => {
    const world = await open([
      calls('run_skill', { name: 'look', task: 'Look at a.txt' }),
      calls('shell', { cmd: 'touch evil' }),
      calls('write_file', { path: 'b.txt', content: 'no' }),
      calls('read_file', { path: 'a.txt' }),
      { text: 'It says A.' },
      { text: 'So it is A.' },
    ]);
    await writeFiles(world.folder, {
      '.claude/skills/look/SKILL.md': skillText('look', 'Only look.', ['allowed-tools: Read, Bash(echo:*)']),
      'a.txt': 'A\n',
    });
    const runtime = await world.session(TEAM, { safety: 'autonomous' });
    const events = await world.run(runtime, 'what does it say');
    expect(stopReason(events)).toBe('normal');
    const [, child] = ofType(events, 'stream_started');
    expect(child).toMatchObject({
      agent_name: 'root',
      skill: { name: 'look', allowed_tools: ['Read', 'Bash(echo:*)'] },
      parent: { session_id: runtime.session_id },
    });
    expect(toolsOf(world, 0)).toEqual(expect.arrayContaining(['shell', 'write_file', 'run_skill']));
    expect(toolsOf(world, 1).toSorted()).toEqual(
      [
        'list_background_jobs',
        'read_file',
        'read_multiple_files',
        'read_skill_file',
        'run_background_job',
        'shell',
        'stop_background_job',
        'view_background_job',
      ].toSorted(),
    );
    const [line, write, read, answer] = results(events);
    expect(line).toContain('The skill look leaves no such line: its allowed-tools are Read, Bash(echo:*).');
    expect(write).toMatch(/write_file/);
    expect(read).toContain('A');
    expect(answer).toBe('It says A.');
    expect(only(events, 'sub_session_completed')).toMatchObject({ answer: 'It says A.' });
  },

  'allowed-tools grants nothing: what an agent lacks or is denied stays away': async ({ open }) => {
    const world = await open([
      calls('run_skill', { name: 'act', task: 'go' }),
      calls('shell', { cmd: 'touch evil' }),
      { text: 'No.' },
      { text: 'No.' },
    ]);
    await writeFiles(world.folder, {
      '.agents/skills/act/SKILL.md': skillText('act', 'Act.', ['allowed-tools: [Bash, fetch, shell]']),
    });
    const runtime = await world.session(TEAM, { safety: 'restricted' });
    const events = await world.run(runtime, 'go');
    expect(toolsOf(world, 1)).not.toContain('fetch');
    expect(ofType(events, 'tool_call_response')[0]).toMatchObject({ outcome: 'denied' });
  },

  'a person invokes a skill by its name: its text, what was typed, and what it leaves of the tools': async ({
    open,
  }) => {
    const world = await open([{ text: 'Moin Ada.' }, { text: 'Free again.' }]);
    await writeFiles(world.folder, {
      [GREET]: skillText('greet', 'Say moin to $ARGUMENTS.', ['allowed-tools: []']),
    });
    const runtime = await world.session(TEAM);
    const events = await invoke(world, runtime, 'greet', 'Ada "and" ${env.HOME}');
    expect(stopReason(events)).toBe('normal');
    expect(only(events, 'input_taken')).toMatchObject({ kind: 'skill', name: 'greet' });
    const said = only(events, 'user_message');
    expect(said).toMatchObject({ source: 'command', skill: { name: 'greet', allowed_tools: [] } });
    expect(said['message']).toContain('Say moin to $ARGUMENTS.');
    expect(String(said['message']).endsWith('\n\nAda "and" ${env.HOME}')).toBe(true);
    expect(toolsOf(world, 0)).toEqual(['read_skill_file']);
    await world.run(runtime, 'and now');
    expect(toolsOf(world, 1)).toContain('shell');
    expect((await runtime.open(world.context, {})).session).toMatchObject({
      title: '/greet Ada "and" ${env.HOME}',
      num_messages: 4,
    });
    await refused(
      runtime.skill(world.context, { name: 'gret' }),
      'not_found',
      /root has no skill "gret" that a person can use; there are greet$/,
    );
  },

  'a skill with context: fork is done by a sub-agent, and its answer goes to the model': async ({ open }) => {
    const world = await open([{ text: 'Three.' }, { text: 'There are three.' }]);
    await writeFiles(world.folder, {
      '.agents/skills/count/SKILL.md': skillText('count', 'Count.', [
        'context: fork',
        'disable-model-invocation: true',
      ]),
    });
    const runtime = await world.session(TEAM);
    const events = await invoke(world, runtime, 'count', 'the files');
    expect(stopReason(events)).toBe('normal');
    expect(only(events, 'tool_call')).toMatchObject({ source: 'command', index: 0 });
    const [first, second] = world.model.journal;
    expect(JSON.stringify(first?.body)).toContain('Count.');
    expect(JSON.stringify(first?.body)).toContain('the files');
    expect(JSON.stringify(second?.body)).toContain('Its answer:');
    expect(JSON.stringify(second?.body)).toContain('Three.');
  },

  'a run keeps the skills that it began with, and the next one says what is new': async ({ open }) => {
    const world = await open([
      calls('shell', { cmd: 'true' }),
      calls('read_skill', { name: 'greet' }),
      calls('read_skill_file', { skill_name: 'greet', path: 'a.md' }),
      { text: 'Old.' },
      calls('read_skill', { name: 'greet' }),
      calls('read_skill_file', { skill_name: 'greet', path: 'a.md' }),
      { text: 'New.' },
    ]);
    const file = '.agents/skills/greet/a.md';
    await writeFiles(world.folder, { [GREET]: skillText('greet', 'The old text.'), [file]: 'old' });
    const runtime = await world.session(TEAM, {
      unattended: 'wait',
      safety: 'balanced',
      permissions: { ask: ['shell'] },
    });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    const { request_id } = await watcher.until('tool_call_confirmation');
    await writeFiles(world.folder, { [GREET]: skillText('greet', 'The new text.'), [file]: 'new' });
    await runtime.answer(world.context, { request_id: String(request_id), decision: 'approve' });
    const [, text, refusal] = results(await watcher.rest());
    expect(text).toContain('The old text.');
    expect(refusal).toMatch(/a\.md of the skill greet was changed after this run began/);
    const events = await world.run(runtime, 'again');
    expect(only(events, 'skills_changed')).toMatchObject({ changes: [`changed greet (${GREET})`] });
    const [now, content] = results(events);
    expect(now).toContain('The new text.');
    expect(content).toBe('new');
    const third = await world.run(runtime, 'once more');
    expect(ofType(third, 'skills_changed')).toEqual([]);
  },

  'a path out of the folder of a skill is refused, a link out too': async ({ open }) => {
    const asked = ['../../../secret.txt', '/etc/passwd', 'link.md', 'none.md', '.env'];
    const world = await open([
      {
        tool_calls: asked.map((path) => ({
          name: 'read_skill_file',
          arguments: { skill_name: 'greet', path },
        })),
      },
      { text: 'No.' },
    ]);
    const { symlink } = await import('node:fs/promises');
    await writeFiles(world.folder, {
      [GREET]: skillText('greet', 'Hello.'),
      '.agents/skills/greet/.env': 'KEY=1',
      'secret.txt': 'secret',
    });
    await writeFile(join(world.data, 'outside.md'), 'OUTSIDE');
    await symlink(join(world.data, 'outside.md'), join(world.folder, '.agents/skills/greet/link.md'));
    const runtime = await world.session(TEAM);
    const events = await world.run(runtime, 'go');
    const byCall = results(events).join('\n');
    expect(byCall).not.toMatch(/OUTSIDE|root:|KEY=1|^secret$/m);
    expect(
      results(events).filter((text) => /leads out of the folder of the skill greet/.test(String(text))),
    ).toHaveLength(2);
    expect(byCall).toMatch(/link\.md of the skill greet cannot be read: .*outside/);
    expect(byCall).toMatch(/has no file none\.md/);
    expect(byCall).toMatch(/has no file \.env/);
  },

  'what is wrong with a skill is said, and stops nothing': async ({ open }) => {
    const world = await open([{ text: 'Hello.' }]);
    const { symlink } = await import('node:fs/promises');
    await writeFiles(world.folder, {
      '.agents/skills/a/SKILL.md': skillText('twice', 'One.'),
      '.claude/skills/b/SKILL.md': skillText('twice', 'Two.'),
      '.agents/skills/broken/SKILL.md': '---\nname: [\n---\nText',
      '.agents/skills/open/SKILL.md': '---\nname: open\n',
      '.agents/skills/plain/SKILL.md': 'No front matter.',
      '.agents/skills/long/SKILL.md': skillText('long', 'x'.repeat(10 * 1024 * 1024)),
      '.agents/skills/model/SKILL.md': skillText('model', 'Text.', ['model: opus', 'license: MIT']),
    });
    await writeFiles(world.data, { 'outside/SKILL.md': skillText('outside', 'Out.') });
    await symlink(join(world.data, 'outside'), join(world.folder, '.agents/skills/linked'));
    const runtime = await world.session(TEAM);
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('normal');
    const words = ofType(events, 'warning').map((event) => String(event['message']));
    const { skills, warnings } = await runtime.skills(world.context, {});
    expect(words).toEqual(warnings);
    expect(skills.map((skill) => skill['name'])).toEqual(['twice', 'model']);
    expect(words).toEqual([
      expect.stringMatching(
        /^the skill \.agents\/skills\/broken\/SKILL\.md is left out: its front matter is broken in line 2/,
      ),
      expect.stringMatching(/^the skill \.agents\/skills\/linked is left out: .*outside/),
      expect.stringMatching(
        /long\/SKILL\.md is left out: it has 104\d+ bytes; a SKILL\.md has at most 256 KiB/,
      ),
      expect.stringMatching(
        /^the skill \.agents\/skills\/model\/SKILL\.md: model has no effect here: the agent's own/,
      ),
      expect.stringMatching(/open\/SKILL\.md is left out: its front matter has no end/),
      expect.stringMatching(/plain\/SKILL\.md is left out: it has no front matter/),
      'there are two skills named twice: .agents/skills/a/SKILL.md is used, .claude/skills/b/SKILL.md is not; give one of them another name',
    ]);
    // Said when it changes, not with every run.
    expect(ofType(await world.run(runtime, 'again'), 'warning')).toEqual([]);
  },

  'an agent without skills looks for none': async ({ open }) => {
    const world = await open([{ text: 'Hello.' }]);
    await writeFiles(world.folder, { [GREET]: skillText('greet', 'Hello.') });
    const runtime = await world.session(teamOf(['shell']));
    const events = await world.run(runtime, 'go');
    expect(ofType(events, 'skills_changed')).toEqual([]);
    expect(toolsOf(world, 0)).not.toContain('read_skill');
    expect((await runtime.skills(world.context, {})).skills).toEqual([]);
    await refused(
      runtime.skill(world.context, { name: 'greet' }),
      'not_found',
      /^root uses no skills \(skills: true lets it\)$/,
    );
  },

  'a skill is written only after a question that no mode answers': async ({ open }) => {
    const world = await open([calls('write_file', { path: GREET, content: 'x' }), { text: 'Refused.' }]);
    const runtime = await world.session(TEAM, { safety: 'autonomous' });
    const events = await world.run(runtime, 'go');
    expect(only(events, 'tool_call_decision')).toMatchObject({ decision: 'ask', source: 'required_ask' });
    expect(only(events, 'tool_call_response')).toMatchObject({ outcome: 'refused' });
  },
};
