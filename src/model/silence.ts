import { YonderError } from '../protocol/errors.ts';

export const SILENT = Symbol('silent');

/**
 * Watches how long nothing came while somebody waited for it. One timer for the whole call; a byte only moves a number. A slow
 * consumer is no silence: time counts from the later of the last byte and the moment at which waiting began.
 */
export class SilenceWatch {
  readonly #silentAfter: number;
  readonly #giveUpAfter: number;
  readonly #who: string;
  #lastHeard = performance.now();
  #warned = false;
  #timer: NodeJS.Timeout | undefined;
  #onSilent: (() => void) | undefined;
  #onTimeout: ((error: YonderError) => void) | undefined;

  constructor(who: string, times: { silentAfter: number; giveUpAfter: number }) {
    this.#who = who;
    this.#silentAfter = times.silentAfter;
    this.#giveUpAfter = times.giveUpAfter;
    this.#timer = setTimeout(this.#check, this.#silentAfter);
  }

  /** A byte came, or waiting begins. */
  heard(): void {
    this.#lastHeard = performance.now();
    this.#warned = false;
  }

  /** Waits for `pending`, or gives SILENT once per silence; then wait for the same promise again. Throws `timeout`. */
  wait<T>(pending: Promise<T>): Promise<T | typeof SILENT> {
    return new Promise((resolve, reject) => {
      this.#onSilent = () => resolve(SILENT);
      this.#onTimeout = reject;
      pending.then(resolve, reject);
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #check = (): void => {
    const idle = performance.now() - this.#lastHeard;
    if (idle + 1 >= this.#giveUpAfter) {
      const seconds = Math.round(this.#giveUpAfter / 1000);
      this.#onTimeout?.(
        new YonderError(
          'timeout',
          `${this.#who} sent nothing for ${seconds} s; try again, or use another model`,
        ),
      );
      return;
    }
    if (idle + 1 >= this.#silentAfter) {
      if (!this.#warned) {
        this.#warned = true;
        this.#onSilent?.();
      }
      this.#timer = setTimeout(this.#check, this.#giveUpAfter - idle);
      return;
    }
    this.#timer = setTimeout(this.#check, this.#silentAfter - idle);
  };
}
