import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  assertDense,
  calls,
  lastRequest,
  ofType,
  only,
  stopReason,
  teamOf,
  Watcher,
  type Behaviours,
} from '../support.ts';

function helper(...lines: readonly string[]): string {
  return [
    '  helper:',
    '    model: openai/gpt-4o-mini',
    '    description: Knows the commands',
    '    instruction: You are the helper.',
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');
}

const SHELL = ['toolsets:', '  - type: shell'];
const TEAM = teamOf(['think'], { agent: ['handoffs: [helper]'] }).concat(
  helper('handoffs: [root]', ...SHELL),
);
const toHelper = calls('handoff', { agent: 'helper' });
const toRoot = calls('handoff', { agent: 'root' });

export const handoffBehaviours: Behaviours = {
  'the same session goes on with the other agent: its model, instruction and tools, and all that was said':
    async ({ open }) => {
      const world = await open([toHelper, calls('shell', { cmd: 'pwd' }), { text: 'Helped.' }]);
      const runtime = await world.session(TEAM);
      const events = await world.run(runtime, 'a wish');
      expect(stopReason(events)).toBe('normal');
      assertDense(events, 2);
      expect(new Set(events.map((event) => event['session_id']))).toEqual(new Set([runtime.session_id]));
      expect(only(events, 'agent_switching')).toMatchObject({
        switching: true,
        from_agent: 'root',
        to_agent: 'helper',
        kind: 'handoff',
      });
      expect(ofType(events, 'message_added').map((event) => event['agent_name'])).toEqual([
        'root',
        'helper',
        'helper',
      ]);
      const [first, second] = world.model.journal.map(({ body }) => body);
      expect([first?.['model'], second?.['model']]).toEqual(['gpt-4o', 'gpt-4o-mini']);
      const asked = JSON.stringify(first);
      expect(asked).toContain('give it this conversation with the tool handoff');
      expect(asked).toContain('- helper: Knows the commands');
      const then = JSON.stringify(second);
      expect(then).toContain('You are the helper.');
      expect(then).not.toContain('Do what you are told.');
      expect(then).toContain('a wish');
      expect(lastRequest(world).map(({ text }) => text)).toContain(
        'root handed the conversation over to helper. You are helper from here on: go on with what the user wants.',
      );
      const opened = await runtime.open(world.context, {});
      expect(opened.agent).toMatchObject({ name: 'helper', handoffs: ['root'] });
    },

  "the next run is the same agent's, after a new start too": async ({ open }) => {
    const data = await mkdtemp(join(tmpdir(), 'yonder-data-'));
    const folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
    try {
      const first = await open([toHelper, { text: 'Helped.' }], { data, folder });
      const { session_id } = await first.session(TEAM);
      await first.run(first.backend.session(session_id), 'one');
      await first.close();
      const second = await open([{ text: 'Again.' }], { data, folder });
      const resumed = await second.backend.createSession(second.context, { resume_session_id: session_id });
      expect(resumed.agent.name).toBe('helper');
      const events = await second.run(second.backend.session(session_id), 'two');
      expect(only(events, 'stream_started')['agent_name']).toBe('helper');
      expect(second.model.journal.at(-1)?.body['model']).toBe('gpt-4o-mini');
    } finally {
      for (const path of [data, folder]) await rm(path, { recursive: true, force: true });
    }
  },

  "what else the same turn asked for is still the first agent's, and it goes to one agent": async ({
    open,
  }) => {
    const think = { name: 'think', arguments: { thought: 'hm' } };
    const hand = { name: 'handoff', arguments: { agent: 'helper' } };
    const world = await open([{ tool_calls: [hand, hand, think] }, { text: 'Helped.' }]);
    const events = await world.run(await world.session(TEAM), 'go');
    const results = ofType(events, 'tool_call_response');
    expect(results.map((event) => [event['agent_name'], event['outcome']])).toEqual([
      ['root', 'done'],
      ['root', 'done'],
      ['root', 'done'],
    ]);
    expect(results[1]?.['response']).toBe(
      'The conversation goes to helper already; it goes to one agent at a time.',
    );
    expect(ofType(events, 'agent_switching')).toHaveLength(1);
    expect(events.at(-1)?.['agent_name']).toBe('helper');
  },

  'a stricter mode is not shed by handing over': async ({ open }) => {
    const strict = teamOf([], { agent: ['handoffs: [helper]', 'safety: strict'] }).concat(helper(...SHELL));
    const world = await open([toHelper, calls('shell', { cmd: 'pwd' }), { text: 'Refused.' }]);
    const runtime = await world.session(strict, {
      unattended: 'refuse',
      permissions: { allow: ['handoff'] },
    });
    const events = await world.run(runtime, 'go');
    expect(ofType(events, 'tool_call_response').map((event) => event['outcome'])).toEqual([
      'done',
      'refused',
    ]);
    expect((await runtime.open(world.context, {})).safety).toBe('strict');
  },

  'nor by handing a task to an agent of a looser mode': async ({ open }) => {
    const strict = teamOf([], { agent: ['sub_agents: [helper]', 'safety: strict'] }).concat(
      helper('safety: balanced', ...SHELL),
    );
    const task = calls('transfer_task', { agent: 'helper', task: 'Look.', expected_output: 'A path' });
    const world = await open([task, calls('shell', { cmd: 'pwd' }), { text: 'No.' }, { text: 'Done.' }]);
    const runtime = await world.session(strict, { permissions: { allow: ['transfer_task'] } });
    const events = await world.run(runtime, 'go');
    expect(ofType(events, 'tool_call_response').map((event) => event['outcome'])).toEqual([
      'refused',
      'done',
    ]);
  },

  'a deny of the session holds for the other agent, and for the handing over itself': async ({ open }) => {
    const world = await open([toHelper, calls('shell', { cmd: 'pwd' }), { text: 'No.' }]);
    const runtime = await world.session(TEAM, { permissions: { deny: ['shell'] } });
    const events = await world.run(runtime, 'go');
    expect(ofType(events, 'tool_call_response').map((event) => event['outcome'])).toEqual(['done', 'denied']);
    const other = await open([toHelper, { text: 'Then I do it.' }]);
    const held = await other.session(TEAM, { permissions: { deny: ['handoff'] } });
    expect((await other.run(held, 'go')).at(-1)?.['agent_name']).toBe('root');
  },

  'two agents cannot hand a conversation to and fro for ever': async ({ open }) => {
    const turns = Array.from({ length: 9 }, (_, index) => (index % 2 === 0 ? toHelper : toRoot));
    const world = await open([...turns, { text: 'Myself, then.' }]);
    const events = await world.run(await world.session(TEAM), 'go');
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'agent_switching')).toHaveLength(8);
    expect(ofType(events, 'tool_call_response').at(-1)?.['response']).toBe(
      'The conversation was handed over 8 times in this run; go on with it yourself and answer.',
    );
  },

  'a person who chooses another agent has it': async ({ open }) => {
    const world = await open([toHelper, { text: 'Helped.' }, { text: 'Me again.' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'one');
    await runtime.setAgent(world.context, { agent_name: 'root' });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'two' }] }));
    expect((await watcher.until('stream_started'))['agent_name']).toBe('root');
    await watcher.rest();
  },
};
