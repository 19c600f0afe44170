import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import type { Tool } from './tool.ts';

const thoughtsSchema = z.array(z.string()).default([]);

export const THINK_INSTRUCTION =
  'Use the think tool to reason in writing before a step that is hard to undo. It gets no new information and changes nothing.';

export function thinkTools(): Tool[] {
  const think = defineTool(
    { toolset: 'think', name: 'think' },
    {
      title: 'Think',
      description: 'Writes down a thought and gives back all thoughts so far. Nothing else happens.',
      input: z.strictObject({ thought: z.string().describe('What to write down') }),
      async execute({ thought }, { state }) {
        const thoughts = [...thoughtsSchema.parse(state.read('thoughts')), thought];
        state.write('thoughts', thoughts);
        return { output: `Thoughts:\n${thoughts.join('\n')}` };
      },
    },
  );
  return [think];
}
