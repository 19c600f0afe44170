import type { LogState } from '../fold/state.ts';

/** The signals by which runs of one session stop what they are doing. A run that has one here is driven by this Host. */
export class RunSignals {
  readonly #controllers = new Map<string, AbortController>();

  has(run_id: string): boolean {
    return this.#controllers.has(run_id);
  }

  of(run_id: string): AbortSignal {
    const known = this.#controllers.get(run_id) ?? new AbortController();
    this.#controllers.set(run_id, known);
    return known.signal;
  }

  /** A run that was interrupted or failed stops (R7). */
  follow(state: LogState): void {
    for (const { run } of state.conversations.values()) {
      if (run === undefined || (run.interrupted_by === undefined && run.failed === undefined)) continue;
      this.#controllers.get(run.run_id)?.abort();
    }
  }

  forget(run_id: string): void {
    this.#controllers.delete(run_id);
  }

  abortAll(): void {
    for (const controller of this.#controllers.values()) controller.abort();
  }

  /** No run is driven by this Host any more; what was left open waits for somebody to resume it (R11). */
  letGo(): void {
    this.abortAll();
    this.#controllers.clear();
  }
}
