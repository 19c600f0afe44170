import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fixtureToolset, mcpTeam } from '../../mcp/fixture.ts';
import {
  calls,
  lastRequest,
  ofType,
  only,
  stopReason,
  types,
  uncut,
  Watcher,
  type Behaviours,
} from '../support.ts';

const TEAM = mcpTeam([fixtureToolset()]);
const responses = (events: Parameters<typeof ofType>[0]) =>
  ofType(events, 'tool_call_response').map(({ response }) => String(response));

export const mcpCallBehaviours: Behaviours = {
  'tools of a stdio server are offered under its prefix, and their results of every kind go to the model':
    async ({ open }) => {
      const world = await open([
        calls('fix_echo', { text: 'hello' }),
        calls('fix_picture', {}),
        calls('fix_structured', {}),
        calls('fix_list_resources', {}),
        calls('fix_read_resource', { uri: 'memo://notes' }),
        calls('fix_roots', {}),
        calls('fix_echo', {}),
        { text: 'Done.' },
      ]);
      const events = await world.run(await world.session(TEAM, { safety: 'autonomous' }), 'do it');
      expect(stopReason(events)).toBe('normal');
      expect(responses(events)).toEqual([
        'echo: hello',
        'A picture:',
        '{"answer":42,"list":[1,2]}',
        'memo://notes - notes, Notes',
        '[memo://notes]\nremember the milk',
        JSON.stringify({ roots: [{ uri: `file://${world.folder}`, name: world.folder.split('/').at(-1) }] }),
        'The arguments of fix_echo do not fit: text is missing. fix_echo takes: text.',
      ]);
      expect(ofType(events, 'tool_call_response')[1]).toMatchObject({
        result: { images: [{ type: 'file', media_type: 'image/png', size: 70 }] },
      });
      expect(types(events)).toContain('mcp_init_started');
      expect(types(events)).toContain('mcp_init_finished');
      expect(ofType(events, 'toolset_info').at(-1)?.['digests']).toHaveProperty(['fix/echo']);
      expect(lastRequest(world).some(({ text }) => text === 'echo: hello')).toBe(true);
    },

  'progress is shown while a call runs': uncut(async ({ open }) => {
    const world = await open([calls('fix_wait', {})]);
    const runtime = await world.session(TEAM, { safety: 'autonomous' });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'do it' }] }));
    expect(await watcher.until('tool_call_output')).toMatchObject({
      output: '1/2 waiting\n',
      stream: 'stdout',
    });
    await runtime.interrupt(world.context, {});
    expect(stopReason(await watcher.rest())).toBe('canceled');
  }),

  'a list that was kept starts no process for a run that calls no tool, and its server dies with the session':
    async ({ open }) => {
      const world = await open([
        { text: 'One.' },
        { text: 'Two.' },
        calls('fix_environment', {}),
        { text: 'Three.' },
      ]);
      const trace = join(world.data, 'trace');
      const team = mcpTeam([fixtureToolset({ trace, env: { MINE: '${env.HOME}' } })]);
      await world.run(await world.session(team, { safety: 'autonomous' }), 'begin');
      expect(await readFile(trace, 'utf8')).toBe('start\n');
      const events = await world.run(await world.session(team, { safety: 'autonomous' }), 'again');
      expect(ofType(events, 'mcp_init_started')).toEqual([]);
      expect(await readFile(trace, 'utf8')).toBe('start\n');
      const called = await world.run(await world.session(team, { safety: 'autonomous' }), 'now call');
      expect(await readFile(trace, 'utf8')).toBe('start\nstart\n');
      const said = String(only(called, 'tool_call_response')['response']);
      expect(said).toContain(`"MINE":"${world.folder}"`);
      // Of this process it gets neither keys nor what Yonder set for itself.
      expect(said).not.toMatch(/test-key|API_KEY|YONDER_(?!COMMAND)/);
    },

  'a rule names a tool of a server as toolset/tool; one without a toolset is about built-in tools alone':
    async ({ open }) => {
      const world = await open([
        calls('fix_echo', { text: 'a' }),
        calls('fix_picture', {}),
        calls('fix_structured', {}),
        { text: 'Done.' },
      ]);
      const runtime = await world.session(TEAM, {
        permissions: { allow: ['fix_*', '*', 'fix/echo'], deny: ['fix/structured'] },
      });
      const events = await world.run(runtime, 'do it');
      expect(ofType(events, 'tool_call_decision')).toMatchObject([
        { decision: 'allow', rule: 'fix/echo' },
        { decision: 'ask', reason: expect.stringMatching(/not safe/) },
        { decision: 'deny', rule: 'fix/structured' },
      ]);
      expect(ofType(events, 'tool_call_response')).toMatchObject([
        { outcome: 'done' },
        { outcome: 'refused' },
        { outcome: 'denied' },
      ]);
    },

  'a hint that a tool only reads counts where the toolset is trusted': async ({ open }) => {
    const world = await open([calls('fix_echo', { text: 'a' }), calls('fix_picture', {}), { text: 'Done.' }]);
    const events = await world.run(
      await world.session(mcpTeam([fixtureToolset({ more: ['trusted: true'] })])),
      'do it',
    );
    expect(ofType(events, 'tool_call_decision')).toMatchObject([
      { decision: 'allow', source: 'safe' },
      { decision: 'ask' },
    ]);
  },

  'a tool that changes is an event, and what was approved of it is asked about anew': async ({ open }) => {
    const world = await open([
      {
        tool_calls: [
          { name: 'fix_grow', arguments: {} },
          { name: 'fix_grow', arguments: {} },
        ],
      },
      calls('fix_grown', {}),
      calls('fix_grow', {}),
      { text: 'Done.' },
    ]);
    const runtime = await world.session(mcpTeam([fixtureToolset()]), {
      unattended: 'wait',
      permissions: { allow: ['fix/grown'] },
    });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'do it' }] }));
    const first = await watcher.until('tool_call_confirmation');
    await runtime.answer(world.context, {
      request_id: String(first['request_id']),
      decision: 'approve_tool',
      rule: 'fix/grow',
    });
    const again = await watcher.until('tool_call_confirmation');
    expect(again).toMatchObject({
      tool_identity: 'fix/grow',
      tool_definition: { description: 'Has changed itself' },
    });
    await runtime.answer(world.context, {
      request_id: String(again['request_id']),
      decision: 'approve_tool',
      rule: 'fix/grow',
    });
    const events = await watcher.rest();
    expect(ofType(events, 'tool_call_decision').map(({ source }) => source)).toEqual([
      'mode',
      'mode',
      'rule',
      'approval',
    ]);
    expect(responses(events)).toEqual(['grown', 'grown', 'I am new', 'grown']);
    expect(only(events, 'tool_changed')).toMatchObject({ tool: 'fix/grow' });
  },
};
