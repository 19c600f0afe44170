import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import type { SubAgent } from './transfer-task.ts';
import type { Tool } from './tool.ts';

/** Gives the conversation itself to another agent of the team; the runtime says when that one begins, and how often it may happen. */
export function handoff(agents: readonly [SubAgent, ...SubAgent[]]): Tool {
  const names = agents.map(({ name }) => name);
  const roster = agents.map(({ name, description }) => `- ${name}: ${description}`).join('\n');
  return defineTool(
    { toolset: 'agents', name: 'handoff' },
    {
      title: 'Hand the conversation over',
      description: `Gives this conversation to another agent of the team, which sees all of it and goes on in your place. Agents:\n${roster}`,
      input: z.strictObject({ agent: z.enum(names).describe('Who goes on') }),
      execute: async ({ agent }, context) => context.handoff(agent),
    },
  );
}
