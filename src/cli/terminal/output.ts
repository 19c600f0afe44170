import { once } from 'node:events';
import type { Io } from './io.ts';

/**
 * The two ways out. stdout waits for a slow reader; a reader that went away is told once to `onClosed`, and after that nothing is
 * written to it (what else is wrong with stdout is said where the process begins). stderr never fails a command.
 */
export class Output {
  readonly #io: Io;
  #gone = false;
  #ending = '';

  constructor(io: Io, onClosed: () => void = () => {}) {
    this.#io = io;
    io.stdout.on('error', () => {
      if (this.#gone) return;
      this.#gone = true;
      onClosed();
    });
    io.stderr.on('error', () => {
      // Nobody reads what would be said about it.
      this.#muted = true;
    });
  }

  #muted = false;

  get isClosed(): boolean {
    return this.#gone;
  }

  /** Resolves when there is room for more. */
  async text(text: string): Promise<void> {
    if (text === '' || this.#gone) return;
    this.#ending = text.slice(-1);
    if (this.#io.stdout.write(text)) return;
    const leaving = new AbortController();
    const events = ['drain', 'close', 'error'].map((name) =>
      once(this.#io.stdout, name, { signal: leaving.signal }),
    );
    // An error has been seen by the listener above; here it only ends the wait.
    await Promise.race(events.map((event) => event.catch(() => undefined)));
    leaving.abort();
  }

  /** Ends a line of text that was left open. */
  async endLine(): Promise<void> {
    if (this.#ending !== '' && this.#ending !== '\n') await this.text('\n');
  }

  note(line: string): void {
    if (!this.#muted) this.#io.stderr.write(`${line}\n`);
  }

  /** The same without a line end, for a question. */
  prompt(text: string): void {
    if (!this.#muted) this.#io.stderr.write(text);
  }
}
