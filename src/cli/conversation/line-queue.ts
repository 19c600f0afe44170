/** Lines that wait to be taken, in order; after `end` there are no more. */
export class LineQueue {
  readonly #lines: string[] = [];
  #ended = false;
  #waiting: ((line: string | undefined) => void) | undefined;

  push(line: string): void {
    if (this.#ended) return;
    if (this.#waiting === undefined) this.#lines.push(line);
    else this.#give(line);
  }

  /** What stands in line is forgotten: who leaves has not meant it any more. */
  end(): void {
    this.#ended = true;
    this.#lines.length = 0;
    if (this.#waiting !== undefined) this.#give(undefined);
  }

  /** The next line; undefined at the end. */
  next(): Promise<string | undefined> {
    const line = this.#lines.shift();
    if (line !== undefined || this.#ended) return Promise.resolve(line);
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#waiting = resolve;
    return promise;
  }

  #give(line: string | undefined): void {
    const give = this.#waiting;
    this.#waiting = undefined;
    give?.(line);
  }
}
