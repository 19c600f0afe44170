import type { ToolContext } from '../../tools/tool.ts';

/** One call that a server works on: its time runs while nobody else is waited for. */
export class OpenCall {
  readonly context: ToolContext;
  /** The name under which the server's questions to the model are judged. */
  readonly sampling: string;
  /** One for both ends, since joining signals costs more than a short call. */
  readonly #cut = new AbortController();
  readonly signal: AbortSignal = this.#cut.signal;
  readonly #follow = (): void => this.#cut.abort(this.context.signal.reason);
  #isLate = false;
  #left_ms: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #waiting = 0;
  #isOver = false;

  constructor(context: ToolContext, sampling: string, timeout_ms: number) {
    this.context = context;
    this.sampling = sampling;
    if (context.signal.aborted) this.#follow();
    else context.signal.addEventListener('abort', this.#follow, { once: true });
    this.#left_ms = timeout_ms;
    this.#run();
  }

  get isLate(): boolean {
    return this.#isLate;
  }

  /** Does something that takes a person's or a model's time, which is not the server's. */
  async aside<Result>(act: () => Promise<Result>): Promise<Result> {
    this.#waiting += 1;
    if (this.#waiting === 1) this.#pause();
    try {
      return await act();
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#run();
    }
  }

  /** Shown while the call is open: what comes later belongs to nothing. */
  show(text: string): void {
    if (!this.#isOver) this.context.emit('stdout', text);
  }

  end(): void {
    this.#isOver = true;
    this.context.signal.removeEventListener('abort', this.#follow);
    clearTimeout(this.#timer);
  }

  #run(): void {
    if (this.#isOver) return;
    this.#since = performance.now();
    // A timer of Node waits no longer than this.
    this.#timer = setTimeout(() => this.#end(), Math.min(this.#left_ms, 2 ** 31 - 1));
  }

  #end(): void {
    this.#isLate = true;
    this.#cut.abort();
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#left_ms = Math.max(0, this.#left_ms - (performance.now() - this.#since));
  }
}
