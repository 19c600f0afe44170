import type { HookEvent } from '../../protocol/contract/hooks.ts';
import type { CommandEnd } from './command-end.ts';
import { GUARD_EVENTS } from './resolve.ts';
import { hookOutputSchema } from './output-schema.ts';
import type { HookOutput } from './types.ts';

/** What one run of a hook came to, before it is recorded. */
export interface Answer {
  output: HookOutput;
  failure?: string;
  /** Of a failure: at a guard nothing passes. */
  fatal?: boolean;
}

/** Events at which text that is no JSON is context for the model (reference/docker-agent.md 5.7). */
const PLAIN_TEXT: ReadonlySet<HookEvent> = new Set([
  'post_tool_use',
  'session_start',
  'user_prompt_submit',
  'turn_start',
  'pre_compact',
  'stop',
]);

/** Reads a command's end by its exit code: 0 is an answer, 2 blocks with what it wrote to stderr, 126 and 127 are the shell's for what cannot be run. */
export function answerOf(end: CommandEnd, event: HookEvent): Answer {
  // A guard whose script was exchanged says no (R17).
  if ('failure' in end && end.changed === true && GUARD_EVENTS.has(event))
    return { output: { decision: 'block', reason: end.failure } };
  if ('failure' in end) return { output: {}, failure: end.failure, fatal: true };
  const { code, stdout, stderr } = end;
  if (code === 2) {
    const reason =
      stderr === '' ? 'it said no, without a reason (exit code 2 and nothing on stderr)' : stderr;
    return { output: { decision: 'block', reason } };
  }
  if (code === 126 || code === 127)
    return { output: {}, failure: `it could not be run: ${firstLine(stderr)}`, fatal: true };
  if (code !== 0)
    return {
      output: {},
      failure: `it ended with exit code ${code}${stderr === '' ? '' : `: ${firstLine(stderr)}`}`,
    };
  return readAnswer(stdout.trim(), event);
}

function readAnswer(text: string, event: HookEvent): Answer {
  if (text === '') return { output: {} };
  if (!text.startsWith('{'))
    return { output: PLAIN_TEXT.has(event) ? { hook_specific_output: { additional_context: text } } : {} };
  // Whoever meant to say something and could not be read has not said yes.
  const fatal = GUARD_EVENTS.has(event);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { output: {}, failure: `it wrote JSON that cannot be read (${firstLine(why)})`, fatal };
  }
  return checkAnswer(value, fatal);
}

/** An answer whose fields have the types of reference/docker-agent.md 5.7; of a wrong one the path is said. */
export function checkAnswer(value: unknown, fatal: boolean): Answer {
  const read = hookOutputSchema.safeParse(value);
  if (read.success) return { output: read.data };
  const [issue] = read.error.issues;
  const path = issue?.path.join('.') ?? '';
  return { output: {}, failure: `its answer is not right at ${path}: ${issue?.message ?? ''}`, fatal };
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 500 ? `${line.slice(0, 500)}...` : line;
}
