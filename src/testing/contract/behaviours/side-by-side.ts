import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import type { CreateSessionRequest } from '../../../protocol/contract/payloads.ts';
import type { ScriptedTurn } from '../../model-server/script.ts';
import { lastRequest, ofType, stopReason, teamOf, uncut, Watcher, type Behaviours } from '../support.ts';
import { collect, type Event, type World } from '../world.ts';

const agent = (name: string, toolset: string): string[] => [
  `  ${name}:`,
  '    model: openai/gpt-4o-mini',
  `    description: Is ${name}`,
  `    instruction: You are ${name}.`,
  '    toolsets:',
  `      - type: ${toolset}`,
];
const team = (toolset: string): string =>
  [
    teamOf([], { agent: ['sub_agents: [ann, bob]'] }).trimEnd(),
    ...agent('ann', toolset),
    ...agent('bob', toolset),
    '',
  ].join('\n');

const by = (name: string): Pick<ScriptedTurn, 'when'> => ({
  when: ({ body }) => JSON.stringify(body).includes(`You are ${name}.`),
});
const root: Pick<ScriptedTurn, 'when'> = {
  when: ({ body }) => JSON.stringify(body).includes('Do what you are told.'),
};
const both: ScriptedTurn = {
  tool_calls: ['ann', 'bob'].map((name) => ({
    name: 'transfer_task',
    arguments: { agent: name, task: `Work, ${name}.` },
  })),
  ...root,
};
const turns = (tool: string, args: Record<string, unknown>): ScriptedTurn[] => [
  both,
  ...['ann', 'bob'].flatMap((name) => [
    { tool_calls: [{ name: tool, arguments: args }], ...by(name) },
    { text: `${name} is done`, ...by(name) },
  ]),
  { text: 'all done', ...root },
];
const THINK = turns('think', { thought: 'well' });
const STRICT: CreateSessionRequest = {
  safety: 'strict',
  unattended: 'wait',
  permissions: { allow: ['transfer_task'] },
};

/** Waits until both sub-agents ask, and gives their questions by agent. */
async function twoQuestions(watcher: Watcher): Promise<Record<string, Event>> {
  const first = await watcher.until('tool_call_confirmation');
  const second = await watcher.until('tool_call_confirmation');
  return Object.fromEntries([first, second].map((event) => [String(event['agent_name']), event]));
}

async function approve(world: World, runtime: Runtime, question: Event | undefined): Promise<void> {
  await runtime.answer(world.context, { request_id: String(question?.['request_id']), decision: 'approve' });
}

function answers(events: readonly Event[]): string[] {
  return ofType(events, 'sub_session_completed').map((event) => String(event['answer']));
}

const ended = (event: Event): boolean => event['agent_name'] !== 'root';

export const sideBySideBehaviours: Behaviours = {
  'tasks of one turn run together: both ask at once, results are recorded as they come and shown in the order of the calls':
    async ({ open }) => {
      const world = await open(THINK);
      const runtime = await world.session(team('think'), STRICT);
      const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
      const questions = await twoQuestions(watcher);
      expect(Object.keys(questions).toSorted()).toEqual(['ann', 'bob']);
      expect((await runtime.open(world.context, {})).pending_interactions.length).toBe(2);
      await approve(world, runtime, questions['bob']);
      await watcher.until('stream_stopped', ended);
      await approve(world, runtime, questions['ann']);
      const events = await watcher.rest();
      expect(stopReason(events)).toBe('normal');
      expect(answers(events)).toEqual(['bob is done', 'ann is done']);
      expect(
        lastRequest(world)
          .map(({ text }) => text)
          .slice(-2),
      ).toEqual(['ann is done', 'bob is done']);
    },

  'tasks for agents that can change files or run commands are done one after the other': async ({ open }) => {
    for (const [toolset, tool, args] of [
      ['shell', 'shell', { cmd: 'pwd' }],
      ['filesystem', 'list_directory', { path: '.' }],
    ] as const) {
      const world = await open(turns(tool, args));
      const events = await world.run(await world.session(team(toolset)), 'go');
      const order = events
        .filter(({ type }) => type === 'stream_started' || type === 'stream_stopped')
        .map(({ agent_name, type }) => `${String(agent_name)} ${type.slice(7)}`);
      expect(order).toEqual([
        'root started',
        'ann started',
        'ann stopped',
        'bob started',
        'bob stopped',
        'root stopped',
      ]);
    }
  },

  'an interrupt reaches every task that runs': async ({ open }) => {
    const world = await open(THINK);
    const runtime = await world.session(team('think'), STRICT);
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await twoQuestions(watcher);
    await runtime.interrupt(world.context, {});
    const stops = ofType(await watcher.rest(), 'stream_stopped');
    expect(stops.map((event) => event['reason'])).toEqual(['canceled', 'canceled', 'canceled']);
    expect((await runtime.open(world.context, {})).pending_interactions).toEqual([]);
  },

  'the limit of model calls is one for the whole tree, and asked about once': async ({ open }) => {
    const world = await open(THINK);
    const runtime = await world.session(team('think'), { unattended: 'wait' });
    const stream = await runtime.run(world.context, { messages: [{ content: 'go' }], max_iterations: 3 });
    const watcher = new Watcher(stream);
    const question = await watcher.until('max_iterations_reached');
    expect(question).toMatchObject({ agent_name: 'root', max_iterations: 3 });
    await runtime.answer(world.context, { request_id: String(question['request_id']), decision: 'continue' });
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'max_iterations_reached').length).toBe(1);
    expect(answers(events).toSorted()).toEqual(['ann is done', 'bob is done']);
  },

  'at the limit of the tree, where nobody can answer, every run of it ends': async ({ open }) => {
    const world = await open(THINK);
    const runtime = await world.session(team('think'));
    const events = await collect(
      await runtime.run(world.context, { messages: [{ content: 'go' }], max_iterations: 3 }),
    );
    const stops = ofType(events, 'stream_stopped').map((event) => event['reason']);
    expect(stops).toEqual(['max_iterations', 'max_iterations', 'max_iterations']);
    expect(ofType(events, 'model_call').length).toBe(3);
  },

  'tasks that were cut side by side go on side by side': uncut(async ({ open }) => {
    const data = await mkdtemp(join(tmpdir(), 'yonder-tasks-'));
    const folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
    try {
      const first = await open(THINK.slice(0, 2).concat(THINK.slice(3, 4)), { data, folder });
      const runtime = await first.session(team('think'), STRICT);
      const cut = new Watcher(await runtime.run(first.context, { messages: [{ content: 'go' }] }));
      await twoQuestions(cut);
      await first.close();
      const second = await open([...THINK.slice(2, 3), ...THINK.slice(4)], { data, folder });
      const { recovered } = await second.backend.createSession(second.context, {
        resume_session_id: runtime.session_id,
        unattended: 'wait',
      });
      const again = second.backend.session(runtime.session_id);
      const watcher = new Watcher(
        again.follow(second.context, { after: recovered?.after ?? 0, run_id: recovered?.run_id ?? '' }),
      );
      const questions = await twoQuestions(watcher);
      await approve(second, again, questions['bob']);
      await approve(second, again, questions['ann']);
      const events = await watcher.rest();
      expect(stopReason(events)).toBe('normal');
      expect(answers(events).toSorted()).toEqual(['ann is done', 'bob is done']);
      expect(ofType(events, 'stream_started')).toEqual([]);
    } finally {
      await rm(data, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    }
  }),
};
