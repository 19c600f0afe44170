/** Those who wait for something to change in a session; each wakes at the next change or when its signal aborts. */
export class Waiters {
  readonly #callbacks = new Set<() => void>();

  changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (): void => {
      this.#callbacks.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    this.#callbacks.add(done);
    signal.addEventListener('abort', done, { once: true });
    return promise;
  }

  /** Calls back at every change until the returned function is called. */
  each(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  wake(): void {
    for (const callback of this.#callbacks) callback();
  }
}
