import { z } from 'zod';
import { YonderError } from '../../protocol/errors.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import { defineTool } from '../define-tool.ts';
import type { Tool, ToolContext, ToolResult, ToolState } from '../tool.ts';
import {
  addJob,
  endJob,
  endOfResult,
  jobsOf,
  jobWords,
  KEPT_BYTES,
  KEPT_JOBS,
  MOST_RUNNING,
  type Job,
  type JobEnd,
} from './job-state.ts';
import { KeptOutput, OUTPUT_LIMIT } from './kept-output.ts';
import { SafeText } from './safe-text.ts';
import { thousands } from '../thousands.ts';

const job_id = z.string().describe('As run_background_job gave it');

/** Commands that go on behind their call: started like those of `shell`, and looked at later. */
export function jobTools(environment: () => Record<string, string>): Tool[] {
  return [runJob(environment), listJobs(), viewJob(), stopJob()];
}

function runJob(environment: () => Record<string, string>): Tool {
  return defineTool(
    { toolset: 'shell', name: 'run_background_job' },
    {
      title: 'Start a background job',
      description: `Starts a line with sh and does not wait for it: for servers, watchers and long builds. At most ${MOST_RUNNING} run at a time; they end with the session.`,
      input: z.strictObject({
        cmd: z.string().min(1).describe('The line to run'),
        cwd: z.string().describe('Folder to run it in; the workspace when left out').optional(),
      }),
      shared: true,
      leavesCommand: true,
      access: ({ cmd, cwd }) => ({ paths: [], shell: { line: cmd, cwd } }),
      async execute({ cmd, cwd }, context) {
        const running = await refreshed(context);
        if (running.length >= MOST_RUNNING) {
          const names = running.map((job) => job.job_id).join(', ');
          const output = `The job was not started: ${MOST_RUNNING} are running, which is the limit (${names}). Stop one with stop_background_job first.`;
          return { output, is_error: true };
        }
        await context.workspace.start({
          command_id: context.command_id,
          program: 'sh',
          // Both streams in one, so that their order is kept.
          args: ['-c', 'exec sh -c "$1" 2>&1', 'sh', cmd],
          ...(cwd === undefined ? {} : { cwd }),
          env: environment(),
          io: 'spool',
          keep_bytes: KEPT_BYTES,
          max_bytes: OUTPUT_LIMIT,
        });
        return registered(context, cmd, cwd, '');
      },
      async recover({ cmd, cwd }, context) {
        const found = await context.workspace.findCommand(context.command_id);
        if (found.state === 'unknown') return undefined;
        return registered(
          context,
          cmd,
          cwd,
          '[Recovered: the process that started it was cut off; the job was found and not started again.]\n',
        );
      },
    },
  );
}

async function registered(
  context: ToolContext,
  cmd: string,
  cwd: string | undefined,
  before: string,
): Promise<ToolResult> {
  const { state, command_id, workspace } = context;
  const job = addJob(state, { command_id, cmd, ...(cwd === undefined ? {} : { cwd }) });
  const old = jobsOf(state).at(-1 - KEPT_JOBS);
  if (old?.end !== undefined) await workspace.forgetCommand(old.command_id);
  return {
    output: `${before}Started ${job.job_id}. See its output with view_background_job, end it with stop_background_job.`,
  };
}

function listJobs(): Tool {
  return defineTool(
    { toolset: 'shell', name: 'list_background_jobs' },
    {
      title: 'List background jobs',
      description: 'Lists the background jobs of this session and how each stands.',
      input: z.strictObject({}),
      shared: true,
      async execute(_args, context) {
        await refreshed(context);
        const lines = jobsOf(context.state)
          .slice(-KEPT_JOBS)
          .map((job) => `${job.job_id}: ${jobWords(job)}: ${shortened(job.cmd)}`);
        return { output: lines.length === 0 ? 'There are no background jobs.' : lines.join('\n') };
      },
    },
  );
}

function viewJob(): Tool {
  return defineTool(
    { toolset: 'shell', name: 'view_background_job' },
    {
      title: 'View a background job',
      description: `Says whether a background job runs, and gives its output so far: ${thousands(OUTPUT_LIMIT)} characters at most (head and tail).`,
      input: z.strictObject({ job_id }),
      shared: true,
      async execute(args, context) {
        const found = findJob(context.state, args.job_id);
        if ('output' in found) return found;
        const job = await refresh(found, context);
        const text = await outputOf(job, context.workspace);
        const head = `${job.job_id}: ${jobWords(job)}: ${shortened(job.cmd)}`;
        return { output: `${head}\n${text}` };
      },
    },
  );
}

function stopJob(): Tool {
  return defineTool(
    { toolset: 'shell', name: 'stop_background_job' },
    {
      title: 'Stop a background job',
      description: 'Ends a background job with all that it started.',
      input: z.strictObject({ job_id }),
      shared: true,
      needsWorkspace: true,
      async execute(args, context) {
        const found = findJob(context.state, args.job_id);
        if ('output' in found) return found;
        const job = await refresh(found, context);
        if (job.end !== undefined) {
          return { output: `${job.job_id} is not running: it ${jobWords(job)}.` };
        }
        if (await context.workspace.cancelCommand(job.command_id)) {
          endJob(context.state, job, { outcome: 'cancelled', by: 'stop_background_job' });
          return { output: `Stopped ${job.job_id} and all that it had started.` };
        }
        const output = `${job.job_id} was told to end, and it is not certain that all of it did: look at it again.`;
        return { output, is_error: true };
      },
    },
  );
}

function findJob(state: ToolState, job_id: string): Job | ToolResult {
  const jobs = jobsOf(state);
  const found = jobs.find((job) => job.job_id === job_id);
  if (found !== undefined) return found;
  const names = jobs.slice(-KEPT_JOBS).map((job) => job.job_id);
  const known = names.length === 0 ? 'There are none.' : `There are: ${names.join(', ')}.`;
  return { output: `There is no background job ${job_id}. ${known}`, is_error: true };
}

/** Asks the runner about every job that the log takes for running; gives those that are. */
async function refreshed(context: ToolContext): Promise<Job[]> {
  const running: Job[] = [];
  for (const job of jobsOf(context.state)) {
    const now = await refresh(job, context);
    if (now.end === undefined) running.push(now);
  }
  return running;
}

async function refresh(job: Job, { state, workspace }: ToolContext): Promise<Job> {
  if (job.end !== undefined) return job;
  const end = await endOfJob(job, workspace);
  return end === undefined ? job : endJob(state, job, end);
}

/** How a job ended, as the runner knows it; undefined while it runs. */
export async function endOfJob(
  { command_id }: Pick<Job, 'command_id'>,
  workspace: Workspace,
): Promise<JobEnd | undefined> {
  const found = await workspace.findCommand(command_id);
  if (found.state === 'running') return undefined;
  return found.state === 'ended' ? endOfResult(found.result) : { outcome: 'lost' };
}

async function outputOf(job: Job, workspace: Workspace): Promise<string> {
  let found: Awaited<ReturnType<Workspace['outputSoFar']>>;
  try {
    found = await workspace.outputSoFar(job.command_id, 4 * OUTPUT_LIMIT);
  } catch (cause) {
    throw new YonderError('tool_failed', `the output of ${job.job_id} cannot be read`, { cause });
  }
  if (found === undefined) return 'Its output is not kept any more.';
  const safe = new SafeText();
  const kept = new KeptOutput();
  kept.add(safe.push(new TextEncoder().encode(found.stdout + found.stderr)) + safe.end());
  const text = kept.text().trimEnd();
  return text === '' ? 'It has written nothing.' : text;
}

function shortened(line: string): string {
  const flat = line.replaceAll(/\s+/g, ' ');
  return flat.length > 200 ? `${flat.slice(0, 199)}…` : flat;
}
