import { YonderError } from '../../protocol/errors.ts';
import type { CommandHandle, Workspace } from '../../protocol/workspace.ts';
import { endOfJob, JOBS_TOOLSET, jobsOf, liveJobs, type Job } from '../../tools/index.ts';
import { sharedState } from '../fold/state.ts';
import type { SessionLog } from '../log/session-log.ts';

export interface JobsParts {
  log: SessionLog;
  workspace(): Promise<Workspace>;
  /** A workspace of the same session that stands in a folder which is there. */
  anyWorkspace(): Promise<Workspace>;
  /** A job ended by itself: its end is to be recorded. */
  wake(): void;
}

/** The background jobs of one session, as its log and its runner know them (R19). */
export class SessionJobs {
  readonly #parts: JobsParts;
  readonly #watched = new WeakSet<CommandHandle>();

  constructor(parts: JobsParts) {
    this.#parts = parts;
  }

  /** Jobs that run, for all the log knows. */
  live(): Job[] {
    return liveJobs(sharedState(this.#parts.log.state, JOBS_TOOLSET));
  }

  /** Records what has ended, ends what a person wants ended, and watches the rest. Needs the lease. */
  async settle(): Promise<void> {
    const live = this.live();
    if (live.length === 0) return;
    const workspace = await this.#parts.workspace();
    for (const job of live) {
      if (this.#parts.log.state.stop_jobs && (await this.#stop(job, workspace, 'an interrupt'))) continue;
      const end = await endOfJob(job, workspace);
      if (end === undefined) await this.#watch(job, workspace);
      else await this.#record(job, end);
    }
  }

  /** Ends every job, on whose behalf `by` says; with `forget`, what is kept of any goes too. Needs the lease. */
  async endAll(by: string, forget: boolean): Promise<void> {
    let workspace: Workspace;
    let close = async (): Promise<void> => undefined;
    try {
      workspace = await this.#parts.workspace();
    } catch (thrown) {
      // The folder may be gone; the commands that run there are not.
      if (!(thrown instanceof YonderError)) throw thrown;
      const other = await this.#parts.anyWorkspace();
      workspace = other;
      close = () => other.close();
    }
    try {
      for (const job of this.live()) {
        if (await this.#stop(job, workspace, by)) continue;
        const end = await endOfJob(job, workspace);
        if (end !== undefined) await this.#record(job, end);
      }
      if (forget) for (const job of this.#all()) await workspace.forgetCommand(job.command_id);
    } finally {
      await close();
    }
  }

  any(): boolean {
    return this.#all().length > 0;
  }

  #all(): Job[] {
    return jobsOf(sharedState(this.#parts.log.state, JOBS_TOOLSET));
  }

  async #stop(job: Job, workspace: Workspace, by: string): Promise<boolean> {
    const before = await endOfJob(job, workspace);
    if (before !== undefined || !(await workspace.cancelCommand(job.command_id))) return false;
    await this.#record(job, { outcome: 'cancelled', by });
    return true;
  }

  async #record(job: Job, end: NonNullable<Job['end']>): Promise<void> {
    const { log } = this.#parts;
    await log.append({
      events: [{ type: 'background_job', fields: { session_id: log.root_id, ...job, end } }],
    });
  }

  async #watch(job: Job, workspace: Workspace): Promise<void> {
    const found = await workspace.findCommand(job.command_id);
    if (found.state !== 'running' || this.#watched.has(found.handle)) return;
    this.#watched.add(found.handle);
    // A workspace that closes lets its commands go: nothing has ended then.
    const ignore = (): void => undefined;
    found.handle.result.then(() => this.#parts.wake(), ignore);
  }
}
