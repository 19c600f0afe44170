import type { SessionLog } from '../log/session-log.ts';
import { standBy } from './stand-by.ts';

export interface DriveParts {
  log: SessionLog;
  poll_ms: number;
  /** Aborted when this Host lets the session go. */
  closing: AbortSignal;
  /** Looks through the inbox for what needs no boundary. */
  look(): Promise<void>;
  /** A run is driven here. */
  isDriven(): boolean;
  changed(signal: AbortSignal): Promise<void>;
  wakeWaiters(): void;
  /** Everything there is to do, with the lease; `recover`: also a run that another process left behind. */
  work(recover: boolean): Promise<void>;
  broken(thrown: unknown): Promise<void>;
  /** The log can not be written any more. */
  failed(): void;
  /** There is nothing left to do. */
  idle(): Promise<void>;
}

/** Takes the lease of one session when there is something to do, and lets go of it afterwards; one at a time (R1, R7). */
export class Drive {
  readonly #parts: DriveParts;
  /** This Host had the lease at some time. */
  hadLease = false;
  #driving: Promise<void> | undefined;
  #standing: Promise<void> | undefined;
  #again = false;
  #recover = false;

  constructor(parts: DriveParts) {
    this.#parts = parts;
  }

  /** Something is under way here, or waits for another Host to free the session. */
  get isBusy(): boolean {
    return this.#driving !== undefined || this.#standing !== undefined;
  }

  /** Resolves when nothing is under way here any more. */
  async ended(): Promise<void> {
    await this.#driving;
    await this.#standing;
  }

  /** Something came into the inbox: the drive looks at it, or begins. */
  wake(): void {
    if (this.#driving === undefined) {
      void this.drive();
      return;
    }
    this.#again = true;
    this.#parts.look().then(this.#parts.wakeWaiters, this.#parts.wakeWaiters);
  }

  /** Drives until the inbox is empty and no run is open; one drive at a time. Resolves when it is over. */
  drive(options: { recover?: boolean } = {}): Promise<void> {
    this.#recover ||= options.recover === true;
    this.#again = true;
    this.#driving ??= this.#driveAll();
    return this.#driving;
  }

  /** Never rejects: what the store throws reaches the readers, and with it who sent the input. */
  async #driveAll(): Promise<void> {
    try {
      while (this.#again && !this.#parts.closing.aborted) {
        this.#again = false;
        await this.#driveOnce();
        if (!this.#again) await this.#parts.idle();
      }
    } catch (thrown) {
      this.#parts.log.fail(thrown);
    } finally {
      // In the same breath as the last look at `#again`, so that no wake falls between.
      this.#driving = undefined;
    }
  }

  async #driveOnce(): Promise<void> {
    const lease = await this.#parts.log.store.acquireLease(this.#parts.log.root_id);
    if (lease.kind === 'held') {
      this.#standBy();
      return;
    }
    this.hadLease = true;
    this.#parts.log.epoch = lease.epoch;
    this.#parts.log.tryAgain();
    const timer = this.#watchOthers();
    try {
      await this.#parts.log.catchUp();
      await this.#parts.work(this.#recover);
    } catch (thrown) {
      await this.#parts.broken(thrown);
    } finally {
      clearInterval(timer);
      this.#parts.log.epoch = undefined;
      this.#recover = false;
      if (this.#parts.log.failure !== undefined) this.#parts.failed();
      await this.#parts.log.store.releaseLease(this.#parts.log.root_id, lease.epoch);
      this.#parts.log.wakeReaders();
    }
    await this.#lookOnceMore();
  }

  /** Who wrote a row while we still had the lease found us the owner: what stands there after it was freed is ours to take (R7). */
  async #lookOnceMore(): Promise<void> {
    const isOpen = this.#parts.log.state.conversations.get(this.#parts.log.root_id)?.run !== undefined;
    if (isOpen || this.#parts.log.failure !== undefined) return;
    if ((await this.#parts.log.store.pendingInputs(this.#parts.log.root_id)).length > 0) this.#again = true;
  }

  /** Another Host drives: rows that it leaves behind are taken when it is gone. */
  #standBy(): void {
    const { poll_ms } = this.#parts;
    const { store } = this.#parts.log;
    this.#standing ??= standBy(store, this.#parts.log.root_id, poll_ms, this.#parts.closing)
      .then(
        (isOurs) => isOurs,
        (thrown: unknown) => {
          this.#parts.log.fail(thrown);
          return false;
        },
      )
      .then((isOurs) => {
        this.#standing = undefined;
        if (isOurs) this.wake();
      });
  }

  /** Rows that another process wrote are found by the version of the data (R7). */
  #watchOthers(): NodeJS.Timeout {
    let version = this.#parts.log.dataVersion();
    return setInterval(() => {
      const now = this.#parts.log.dataVersion();
      if (now === version) return;
      version = now;
      this.wake();
    }, this.#parts.poll_ms);
  }

  /**
   * Waits until nothing is driven here, and acts in the place of a drive: what comes into the inbox meanwhile is taken afterwards.
   * `act` says whether a drive follows, which finds the lease taken. Undefined, and not done, where a run is driven.
   */
  async inPlaceOf<Result>(
    act: () => Promise<{ result: Result; drive: boolean }>,
  ): Promise<Result | undefined> {
    while (this.#driving !== undefined) {
      if (this.#parts.isDriven()) return undefined;
      const stop = new AbortController();
      await Promise.race([this.#driving, this.#parts.changed(stop.signal)]);
      stop.abort();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#driving = promise;
    this.#again = false;
    try {
      const { result, drive } = await act();
      this.#driving = undefined;
      if (drive) void this.drive({ recover: true });
      return result;
    } finally {
      if (this.#driving === promise) this.#driving = undefined;
      if (this.#again) void this.drive();
      resolve();
    }
  }
}
