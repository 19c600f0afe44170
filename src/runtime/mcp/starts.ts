import { YonderError } from '../../protocol/errors.ts';
import { backoffOf } from './lifecycle.ts';
import type { ServerSpec } from './server-spec.ts';
import { pause } from './waiting.ts';

/** The starts of one server, as far as its lifecycle counts them. */
export class Starts {
  readonly #spec: ServerSpec;
  readonly #random: () => number;
  #again = 0;
  #hasStarted = false;
  /** By `performance.now()`. */
  #endedAt: number | undefined;
  #endedWell = false;

  constructor(spec: ServerSpec, random: () => number) {
    this.#spec = spec;
    this.#random = random;
  }

  /** How often it was started again. */
  get again(): number {
    return this.#again;
  }

  ended(well: boolean): void {
    this.#endedAt = performance.now();
    this.#endedWell = well;
  }

  /** As if it had never been started. */
  forget(): void {
    this.#hasStarted = false;
    this.#again = 0;
  }

  /** Counts a start. Before one that is not the first it waits as the lifecycle says, or throws where there is to be none. */
  async next(last_error: string | undefined, signal: AbortSignal): Promise<void> {
    if (this.#hasStarted) await this.#beforeRestart(last_error, signal);
    this.#hasStarted = true;
  }

  async #beforeRestart(last_error: string | undefined, signal: AbortSignal): Promise<void> {
    const { name, lifecycle } = this.#spec;
    const { restart, max_restarts } = lifecycle;
    const how = last_error === undefined ? '' : ` (${last_error})`;
    const refuse = (why: string): YonderError =>
      new YonderError(
        'tool_failed',
        `the MCP server ${name} has ended${how} and is not started again: ${why}; /toolset-restart ${name} starts it`,
      );
    if (restart === 'never') throw refuse('its lifecycle says `restart: never`');
    if (restart === 'on_failure' && this.#endedWell)
      throw refuse('it ended without a failure, and its lifecycle says `restart: on_failure`');
    if (this.#again >= max_restarts) throw refuse(`it was started again ${this.#again} times (max_restarts)`);
    this.#again += 1;
    const wait = backoffOf(lifecycle, this.#again, this.#random);
    const passed = performance.now() - (this.#endedAt ?? 0);
    await pause(wait - passed, signal);
  }
}
