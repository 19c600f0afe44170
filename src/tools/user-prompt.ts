import { z } from 'zod';
import { objectForm, readForm } from '../protocol/form/form.ts';
import { defineTool } from './define-tool.ts';
import type { AskAnswer, Tool, ToolResult } from './tool.ts';

export const USER_PROMPT_INSTRUCTION =
  'Use user_prompt when you need to know something that only the person can say: a choice, a value, a yes. Ask one thing at a time, and do not ask what you can find out yourself.';

/** Lets the model ask the person: a text, a form, or to open an address. */
export function userPromptTools(): Tool[] {
  const userPrompt = defineTool(
    { toolset: 'user_prompt', name: 'user_prompt' },
    {
      title: 'Ask the person',
      description:
        'Asks the person and waits for the answer. Without a schema they write a text, which comes as content.response. Gives back JSON: {"action": "accept", "content": {...}}, or the action "decline" (they said no) or "cancel" (they do not want to be asked).',
      input: z.strictObject({
        message: z.string().min(1).describe('The question'),
        title: z.string().describe('A heading of a few words').optional(),
        schema: z
          .record(z.string(), z.unknown())
          .describe(
            'A JSON Schema of a flat form: an object whose properties are string, number, integer, boolean, an enum, or an array of an enum; or the schema of one such value. title, description, default, required, minimum, maximum, minLength, maxLength and format (email, uri, date, date-time) are shown and checked.',
          )
          .optional(),
        url: z.string().describe('An http or https address that the person is to open instead').optional(),
      }),
      async execute({ message, title, schema, url }, { ask }) {
        const words = { message, ...(title === undefined ? {} : { title }) };
        if (url !== undefined) {
          if (schema !== undefined) return mend('take either `schema` or `url`, not both');
          if (!isWebAddress(url)) return mend(`\`url\` is no http or https address: ${url}`);
          return resultOf(await ask({ ...words, url }));
        }
        const form = objectForm(schema);
        const read = readForm(form);
        if (!read.ok) return mend(`the form cannot be shown: ${read.problem}`);
        return resultOf(await ask({ ...words, schema: form }));
      },
    },
  );
  return [userPrompt];
}

function mend(problem: string): ToolResult {
  return { output: `Nobody was asked: ${problem}. Mend it and ask again.`, is_error: true };
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function resultOf(answer: AskAnswer): ToolResult {
  if (answer.action === 'refused') {
    return {
      output:
        'Refused: this needs an answer of a person, and nobody is there to give it. Go on without it if you can, and say what you assumed; else say what you need to know.',
      is_error: true,
    };
  }
  return { output: JSON.stringify(answer) };
}
