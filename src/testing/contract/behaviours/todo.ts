import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { calls, ofType, teamOf, type Behaviours } from '../support.ts';
import type { Event } from '../world.ts';

function team(shared: boolean): string {
  const toolset = [`      - type: todo`, `        shared: ${shared}`];
  return [
    teamOf([], {
      agent: ['sub_agents: [helper]', 'toolsets:', ...toolset.map((line) => line.slice(2))],
    }).trimEnd(),
    '  helper:',
    '    model: openai/gpt-4o-mini',
    '    description: Helps',
    '    instruction: Help.',
    '    toolsets:',
    ...toolset,
    '',
  ].join('\n');
}

const create = (description: string) => calls('create_todo', { description });
const hand = calls('transfer_task', { agent: 'helper', task: 'Go on with the list.' });

function lists(events: readonly Event[]): string[][] {
  return ofType(events, 'tool_call_response').flatMap((event) => {
    const text = String(event['response']);
    if (!text.startsWith('{')) return [];
    const { all_todos } = JSON.parse(text) as { all_todos: { id: string; description: string }[] };
    return [all_todos.map(({ id, description }) => `${id} ${description}`)];
  });
}

export const todoBehaviours: Behaviours = {
  'a shared todo list is one for an agent and its sub-agents, and is there after a restart': async ({
    open,
  }) => {
    const data = await mkdtemp(join(tmpdir(), 'yonder-todo-'));
    const folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
    try {
      const first = await open([create('one'), hand, create('two'), { text: 'added' }, { text: 'done' }], {
        data,
        folder,
      });
      const runtime = await first.session(team(true));
      expect(lists(await first.run(runtime, 'go'))).toEqual([['todo_1 one'], ['todo_1 one', 'todo_2 two']]);
      await first.close();
      const second = await open([calls('list_todos', {}), { text: 'done' }], { data, folder });
      await second.backend.createSession(second.context, { resume_session_id: runtime.session_id });
      const events = await second.run(second.backend.session(runtime.session_id), 'look');
      expect(lists(events)).toEqual([['todo_1 one', 'todo_2 two']]);
    } finally {
      await rm(data, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    }
  },

  'a todo list that is not shared is the own one of each agent': async ({ open }) => {
    const world = await open([create('one'), hand, create('two'), { text: 'added' }, { text: 'done' }]);
    const runtime = await world.session(team(false));
    expect(lists(await world.run(runtime, 'go'))).toEqual([['todo_1 one'], ['todo_1 two']]);
  },
};
