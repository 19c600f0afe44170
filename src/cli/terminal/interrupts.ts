import { onSignals } from '../../process/signals.ts';

/** Ctrl-C, SIGTERM, SIGHUP and a closed stdout, counted together: the first ends the run in good order, the second the process. */
export class Interrupts {
  readonly #quit: () => void;
  readonly #stop: () => void;
  #count = 0;
  #onFirst: (() => void) | undefined;

  /** `quit` ends the process at once. */
  constructor(quit: () => void) {
    this.#quit = quit;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.first = promise;
    this.#came = resolve;
    const raise = (): void => this.raise();
    this.#stop = onSignals({ once: raise, twice: raise });
  }

  /** Resolves with the first. */
  readonly first: Promise<void>;
  readonly #came: () => void;

  get count(): number {
    return this.#count;
  }

  /** Somebody wants it to end. */
  raise(): void {
    this.#count += 1;
    if (this.#count > 1) {
      this.#quit();
      return;
    }
    this.#came();
    this.#onFirst?.();
  }

  /** A closed stdout counts as one interrupt and never ends the process by itself. */
  raiseOnce(): void {
    if (this.#count === 0) this.raise();
  }

  /** What the first one does from now on; one that came before is handed on at once. */
  onFirst(act: (() => void) | undefined): void {
    this.#onFirst = act;
    if (this.#count > 0) act?.();
  }

  /** Begins to count anew, e.g. with the next run of a conversation. */
  reset(): void {
    this.#count = 0;
  }

  close(): void {
    this.#stop();
  }
}
