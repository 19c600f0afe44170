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
  types,
  Watcher,
  type Behaviours,
} from '../support.ts';

const HELPER = [
  '  helper:',
  '    model: openai/gpt-4o-mini',
  '    description: Helps with commands',
  '    instruction: Help.',
  '    toolsets:',
  '      - type: shell',
  '',
].join('\n');
const TEAM = teamOf(['think'], { agent: ['sub_agents: [helper]'] }).concat(HELPER);
const ask = calls('transfer_task', { agent: 'helper', task: 'Make the file.', expected_output: 'Its name' });

export const agentBehaviours: Behaviours = {
  'a sub-agent works inside the log of the root, which ends with the end of the root': async ({ open }) => {
    const world = await open([
      ask,
      calls('shell', { cmd: 'pwd' }),
      { text: 'made it' },
      { text: 'all done' },
    ]);
    const runtime = await world.session(TEAM);
    const events = await world.run(runtime, 'go');
    assertDense(events, 2);
    const stops = ofType(events, 'stream_stopped');
    expect(stops.map((event) => event['agent_name'])).toEqual(['helper', 'root']);
    expect(events.at(-1)?.['run_id']).toBe(events[0]?.['run_id']);
    const call = only(
      events.filter(
        (event) =>
          (event['tool_call'] as { function?: { name: string } })?.function?.name === 'transfer_task',
      ),
      'tool_call',
    );
    const parent = {
      session_id: runtime.session_id,
      tool_call_id: (call['tool_call'] as { id: string }).id,
    };
    const child = events.filter(
      (event) => event['agent_name'] === 'helper' && event.type !== 'agent_switching',
    );
    expect(child.length).toBeGreaterThan(5);
    for (const event of child) expect(event['parent']).toEqual(parent);
    expect(new Set(child.map((event) => event['session_id'])).size).toBe(1);
    expect(child[0]?.['session_id']).not.toBe(runtime.session_id);
    expect(only(events, 'sub_session_completed')).toMatchObject({
      parent_session_id: runtime.session_id,
      sub_session_id: child[0]?.['session_id'],
      answer: 'made it',
      usage: { input_tokens: 200, output_tokens: 40 },
    });
    expect(ofType(events, 'agent_switching').map((event) => event['switching'])).toEqual([true, false]);
    expect(lastRequest(world).at(-1)?.text).toBe('made it');
  },

  'a sub-agent sees its task and nothing of the talk before': async ({ open }) => {
    const world = await open([ask, { text: 'made it' }, { text: 'all done' }]);
    await world.run(await world.session(TEAM), 'a secret wish');
    const body = JSON.stringify(world.model.journal[1]?.body);
    expect(body).toContain('Make the file.');
    expect(body).toContain('Its name');
    expect(body).not.toContain('a secret wish');
    expect(world.model.journal[1]?.body['model']).toBe('gpt-4o-mini');
  },

  'a question of a sub-agent is found and answered at the root': async ({ open }) => {
    const world = await open([
      ask,
      calls('shell', { cmd: 'touch made' }),
      { text: 'made it' },
      { text: 'all done' },
    ]);
    const runtime = await world.session(TEAM, { unattended: 'wait' });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    const question = await watcher.until('tool_call_confirmation');
    expect(question['parent']).toMatchObject({ session_id: runtime.session_id });
    const { pending_interactions } = await runtime.open(world.context, {});
    expect(pending_interactions).toMatchObject([{ session_id: question['session_id'] }]);
    await runtime.answer(world.context, { request_id: String(question['request_id']), decision: 'approve' });
    expect(stopReason(await watcher.rest())).toBe('normal');
  },

  'what a sub-agent was refused counts for the run of the root': async ({ open }) => {
    const world = await open([
      ask,
      calls('shell', { cmd: 'touch made' }),
      { text: 'could not' },
      { text: 'all done' },
    ]);
    const events = await world.run(await world.session(TEAM), 'go');
    expect(ofType(events, 'stream_stopped').map((event) => event['refused'])).toEqual([1, 1]);
  },

  'denies of the root hold in its sub-agents': async ({ open }) => {
    const world = await open([
      ask,
      calls('shell', { cmd: 'touch made' }),
      { text: 'could not' },
      { text: 'all done' },
    ]);
    const runtime = await world.session(TEAM, {
      safety: 'autonomous',
      permissions: { deny: ['shell:cmd=touch *'] },
    });
    const events = await world.run(runtime, 'go');
    expect(ofType(events, 'tool_call_response')[0]).toMatchObject({ outcome: 'denied' });
  },

  'an agent that is not in the team is a result that names the team': async ({ open }) => {
    const world = await open([calls('transfer_task', { agent: 'nobody', task: 'x' }), { text: 'ok' }]);
    const events = await world.run(await world.session(TEAM), 'go');
    expect(stopReason(events)).toBe('normal');
    expect(only(events, 'tool_call_response')['response']).toContain('helper');
    expect(types(events)).not.toContain('sub_session_completed');
  },

  'agents that hand a task round in a circle are stopped': async ({ open }) => {
    const team = [
      'agents:',
      ...['root', 'other'].flatMap((name) => [
        `  ${name}:`,
        '    model: openai/gpt-4o',
        `    description: Is ${name}`,
        '    instruction: Pass it on.',
        `    sub_agents: [${name === 'root' ? 'other' : 'root'}]`,
      ]),
      '',
    ].join('\n');
    const hand = (index: number) =>
      calls('transfer_task', { agent: index % 2 === 0 ? 'other' : 'root', task: `level ${index}` });
    const world = await open([
      ...Array.from({ length: 9 }, (_, index) => hand(index)),
      ...Array.from({ length: 9 }, () => ({ text: 'back' })),
    ]);
    const events = await world.run(await world.session(team, { agent_name: 'root' }), 'go');
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'stream_started')).toHaveLength(9);
    const answers = ofType(events, 'tool_call_response').map((event) => String(event['response']));
    expect(answers[0]).toContain('handed on 8 times');
  },

  'a todo list is there again after the place was closed and opened': async ({ open }) => {
    const data = await mkdtemp(join(tmpdir(), 'yonder-data-'));
    const folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
    try {
      const first = await open([calls('create_todo', { description: 'Paint the door' }), { text: 'noted' }], {
        data,
        folder,
      });
      const runtime = await first.session(teamOf(['todo']));
      await first.run(runtime, 'note it');
      await first.close();
      const second = await open([calls('list_todos', {}), { text: 'there it is' }], { data, folder });
      const again = await second.backend.createSession(second.context, {
        resume_session_id: runtime.session_id,
        unattended: 'refuse',
      });
      expect(again.recovered).toBeUndefined();
      const events = await second.run(second.backend.session(again.session_id), 'what is to do?');
      expect(only(events, 'tool_call_response')['response']).toContain('Paint the door');
      expect(lastRequest(second).map(({ text }) => text)).toContain('note it');
    } finally {
      await rm(data, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    }
  },
};
