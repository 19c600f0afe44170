import { z } from 'zod';
import type { CommandResult } from '../../protocol/runner.ts';
import type { ToolState } from '../tool.ts';

/** Jobs of one session tree that run at a time. */
export const MOST_RUNNING = 20;
/** Bytes of output kept of one job (reference/docker-agent.md, section 6). */
export const KEPT_BYTES = 10 * 1024 * 1024;
/** Jobs whose output is kept; of older ones that ended only their end is known. */
export const KEPT_JOBS = 100;

const endSchema = z.object({
  outcome: z.string(),
  exit_code: z.number().nullish(),
  signal: z.string().optional(),
  /** Who ended it, where it did not end by itself. */
  by: z.string().optional(),
});
export type JobEnd = z.infer<typeof endSchema>;

const jobSchema = z.object({
  job_id: z.string(),
  /** By which the runner knows it (R19). */
  command_id: z.string(),
  cmd: z.string(),
  cwd: z.string().optional(),
  end: endSchema.optional(),
});
export type Job = z.infer<typeof jobSchema>;

/** The toolset whose state holds the jobs. */
export const JOBS_TOOLSET = 'shell';
const COUNT = 'jobs';

export function jobsOf(state: Pick<ToolState, 'read'>): Job[] {
  const count = z.number().default(0).parse(state.read(COUNT));
  return Array.from({ length: count }, (_, index) => jobSchema.parse(state.read(`job_${index + 1}`)));
}

/** Jobs that, for all the log knows, run. */
export function liveJobs(state: Pick<ToolState, 'read'>): Job[] {
  return jobsOf(state).filter(({ end }) => end === undefined);
}

/** Numbers are given in order and never again, so that a replayed run names its jobs alike. */
export function addJob(state: ToolState, job: Omit<Job, 'job_id'>): Job {
  const number = z.number().default(0).parse(state.read(COUNT)) + 1;
  const added = { ...job, job_id: `job_${number}` };
  state.write(COUNT, number);
  state.write(added.job_id, added);
  return added;
}

export function endJob(state: ToolState, job: Job, end: JobEnd): Job {
  const ended = { ...job, end };
  state.write(job.job_id, ended);
  return ended;
}

export function endOfResult({ outcome, exit_code, signal }: CommandResult): JobEnd {
  return { outcome, exit_code, ...(signal === undefined ? {} : { signal }) };
}

/** How a job stands, in words. */
export function jobWords({ end }: Job): string {
  if (end === undefined) return 'running';
  const by = end.by === undefined ? '' : ` by ${end.by}`;
  switch (end.outcome) {
    case 'exited':
      return `ended with exit code ${end.exit_code ?? 'unknown'}`;
    case 'signaled':
      return `ended by the signal ${end.signal ?? 'unknown'}`;
    case 'cancelled':
      return `stopped${by}`;
    default:
      return 'ended; how is not known, the runner has nothing of it any more';
  }
}
