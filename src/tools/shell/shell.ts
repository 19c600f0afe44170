import { z } from 'zod';
import { expandEnvironmentReferences } from '../../protocol/environment-references.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { CommandResult } from '../../protocol/runner.ts';
import type { CommandHandle } from '../../protocol/workspace.ts';
import { defineTool } from '../define-tool.ts';
import type { Tool, ToolContext, ToolResult } from '../tool.ts';
import { commandResult } from './command-words.ts';
import { followOutput } from './follow-output.ts';
import { jobTools } from './jobs.ts';

const TIMEOUT = 30;
const LONGEST_TIMEOUT = 24 * 60 * 60;

export const SHELL_INSTRUCTION = [
  'Each shell command runs in a shell of its own, in the workspace: a cd or a variable does not reach the next one.',
  'Commands get no input: give the options that keep them from asking.',
  'What does not end by itself (a server, a watcher) is a background job.',
].join('\n');

type Lookup = (name: string) => string | undefined;

/** Option `env`: variables of its commands; `${env.X}` in their values is looked up when a command starts (R32). */
export function shellTools(options: Readonly<Record<string, unknown>>, lookup: Lookup): Tool[] {
  const env = z.record(z.string(), z.string()).default({}).parse(options['env']);
  const shell = defineTool(
    { toolset: 'shell', name: 'shell' },
    {
      title: 'Run a command',
      description: `Runs a line with sh and gives what it writes to stdout and stderr, 30,000 characters at most (head and tail). It is ended after ${TIMEOUT} seconds unless a timeout is given.`,
      input: z.strictObject({
        cmd: z.string().min(1).describe('The line to run'),
        cwd: z.string().describe('Folder to run it in; the workspace when left out').optional(),
        timeout: z
          .number()
          .positive()
          .max(LONGEST_TIMEOUT)
          .describe(`Seconds after which it is ended; ${TIMEOUT} when left out`)
          .optional(),
      }),
      access: ({ cmd, cwd }) => ({ paths: [], shell: { line: cmd, cwd } }),
      async execute({ cmd, cwd, timeout = TIMEOUT }, context) {
        const handle = await context.workspace.start(
          {
            command_id: context.command_id,
            program: 'sh',
            args: ['-c', cmd],
            ...(cwd === undefined ? {} : { cwd }),
            env: expanded(env, lookup),
            io: 'spool',
            timeout_ms: Math.ceil(timeout * 1000),
          },
          { signal: context.signal },
        );
        return follow(handle, timeout, context);
      },
      recover: ({ timeout = TIMEOUT }, context) => recover(timeout, context),
    },
  );
  return [shell, ...jobTools(() => expanded(env, lookup))];
}

function expanded(env: Readonly<Record<string, string>>, lookup: Lookup): Record<string, string> {
  const pairs = Object.entries(env).map(([name, value]) => {
    const { text, missing } = expandEnvironmentReferences(value, lookup);
    if (missing.length === 0) return [name, text];
    throw new YonderError(
      'env_missing',
      `the command was not started: the team sets ${name} from ${missing.join(', ')}, which is not set`,
    );
  });
  return Object.fromEntries(pairs);
}

async function follow(handle: CommandHandle, timeout: number, context: ToolContext): Promise<ToolResult> {
  const output = await followOutput(handle.output, context.emit);
  return commandResult(output, await handle.result, timeout);
}

/** R19: the runner is asked first; only what it does not know either is unknown. The model hears which it was. */
async function recover(timeout: number, context: ToolContext): Promise<ToolResult | undefined> {
  const found = await context.workspace.findCommand(context.command_id);
  if (found.state === 'unknown') return undefined;
  if (found.state === 'ended') {
    const output = await followOutput(recorded(found.result), () => {});
    return told('the command had ended meanwhile', commandResult(output, found.result, timeout));
  }
  const cancel = (): void => void found.handle.cancel();
  context.signal.addEventListener('abort', cancel, { once: true });
  try {
    if (context.signal.aborted) cancel();
    const result = await follow(found.handle, timeout, context);
    return told('the command still ran and was followed to its end', result);
  } finally {
    context.signal.removeEventListener('abort', cancel);
  }
}

async function* recorded({ stdout, stderr }: CommandResult) {
  const encoder = new TextEncoder();
  yield { stream: 'stdout' as const, bytes: encoder.encode(stdout) };
  yield { stream: 'stderr' as const, bytes: encoder.encode(stderr) };
}

function told(words: string, result: ToolResult): ToolResult {
  return { ...result, output: `[Recovered: ${words}; it was not started again.]\n${result.output}` };
}
