import type { Runtime } from '../../protocol/backend.ts';
import { toYonderError } from '../../protocol/errors.ts';
import { looking } from '../request-context.ts';

/** A prompt of an MCP server, as far as it is known before its server is asked. */
export interface OfferedPrompt {
  name: string;
  toolset: string;
  description?: string | undefined;
  arguments: readonly { name: string; required: boolean }[];
}

/** The prompts of the agent that is talked to; none where a server is too old to know any. */
export async function agentPrompts(runtime: Runtime): Promise<OfferedPrompt[]> {
  try {
    const { prompts } = await runtime.prompts(looking(), {});
    return prompts as OfferedPrompt[];
  } catch (thrown) {
    const error = toYonderError(thrown);
    if (error.code === 'unsupported') return [];
    throw error;
  }
}

/** What was typed behind a prompt: `name=value`, or values in the order of its arguments, the last of which takes the rest. */
export function promptArguments(prompt: OfferedPrompt, words: readonly string[]): Record<string, string> {
  const names = prompt.arguments.map(({ name }) => name);
  const given: Record<string, string> = {};
  const values = words.filter((word) => {
    const [, name = '', value = ''] = /^([^=]+)=([\s\S]*)$/.exec(word) ?? [];
    if (!names.includes(name)) return true;
    given[name] = value;
    return false;
  });
  const open = names.filter((name) => !Object.hasOwn(given, name));
  open.forEach((name, index) => {
    const value = index === open.length - 1 ? values.slice(index).join(' ') : (values[index] ?? '');
    if (value !== '') given[name] = value;
  });
  return given;
}
