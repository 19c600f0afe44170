import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import type { Tool } from './tool.ts';

export interface SubAgent {
  name: string;
  description: string;
}

/** Hands a task to an agent of the same team. Where it runs, and how deep tasks may be handed on, is the runtime's to say. */
export function transferTask(subAgents: readonly [SubAgent, ...SubAgent[]]): Tool {
  const names = subAgents.map(({ name }) => name);
  const roster = subAgents.map(({ name, description }) => `- ${name}: ${description}`).join('\n');
  return defineTool(
    { toolset: 'agents', name: 'transfer_task' },
    {
      title: 'Transfer a task',
      description: `Gives a task to another agent of the team, waits, and gives back its answer. That agent sees only what is written here. Agents:\n${roster}`,
      input: z.strictObject({
        agent: z.enum(names).describe('Who is to do it'),
        task: z.string().min(1).describe('What is to be done, with everything that has to be known for it'),
        expected_output: z.string().describe('What the answer should be like').optional(),
      }),
      access: ({ agent }) => ({ paths: [], delegate: agent }),
      execute: ({ agent, task, expected_output }, context) =>
        context.delegate({ agent, task, ...(expected_output === undefined ? {} : { expected_output }) }),
    },
  );
}
