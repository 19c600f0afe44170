import type { SessionLog } from './session-log.ts';

/** Looks in a row that find nobody: whoever resumes the run at once is given time to. */
const LOOKS = 30;

/**
 * Whether a run that is open in the log has lost its driver, for a reader who waits for its end. Without a `run_id` the reader waits for
 * whatever comes, and is never told. It is only words: nobody takes a run over by this (R1).
 */
export class OwnerLook {
  readonly #log: SessionLog;
  readonly #run_id: string | undefined;
  readonly #poll_ms: number;
  #since: number | undefined;

  constructor(log: SessionLog, options: { run_id?: string | undefined; poll_ms: number }) {
    this.#log = log;
    this.#run_id = options.run_id;
    this.#poll_ms = options.poll_ms;
  }

  /** True once nobody held the lease of an open run for as long as `LOOKS` polls take. */
  async isGone(): Promise<boolean> {
    if (this.#run_id === undefined || !(await this.#isLeft())) {
      this.#since = undefined;
      return false;
    }
    const now = performance.now();
    this.#since ??= now;
    return now - this.#since >= LOOKS * this.#poll_ms;
  }

  async #isLeft(): Promise<boolean> {
    const { root_id, state, store } = this.#log;
    const run = state.conversations.get(root_id)?.run;
    if (run?.run_id !== this.#run_id || run?.stopped !== undefined) return false;
    const owner = await store.lease(root_id);
    return owner?.alive !== true && this.#log.epoch === undefined;
  }
}
