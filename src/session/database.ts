import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import { YonderError } from '../protocol/errors.ts';
import { isBusy, storeFailure } from './failures.ts';
import type { Writer } from './writer.ts';

/** How long SQLite itself waits for a lock, with the event loop standing still (R35). Milliseconds. */
export const BUSY_TIMEOUT_MS = 50;
/** How long a call goes on trying, without blocking, before it says that the store is locked. Milliseconds. */
export const PATIENCE_MS = 10_000;

export interface WriteOptions {
  /** On the disk when the call resolves (R6). */
  flush?: boolean | undefined;
  /** Only for the step that brings the schema up to date. */
  migrating?: boolean | undefined;
}

export interface DatabaseOptions {
  path: string;
  now: () => Date;
  schemaVersion: number;
  /** Milliseconds. */
  patience: number;
}

function readOnlyFailure(path: string): YonderError {
  return new YonderError(
    'store_failed',
    `the session store ${path} was opened for reading only; open it for writing to change it`,
    {
      retryable: false,
    },
  );
}

/** Which file a path names now; undefined for none. */
function identity(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}/${found.ino}`;
}

/**
 * One connection: statements made once each, short transactions, errors in our words. A body runs from begin to end without an
 * `await`, so two calls of one process never stand in each other's transaction.
 */
export class Database {
  readonly path: string;
  readonly now: () => Date;
  /** The schema that this process writes. */
  readonly schemaVersion: number;
  /**
   * What our own writes left, by session, so that an append need not read it again. True only inside a write transaction, and emptied
   * there when another connection has committed since our last one, or when a transaction of ours was undone.
   */
  readonly writers = new Map<string, Writer>();
  readonly #handle: DatabaseSync;
  readonly #patience: number;
  readonly #statements = new Map<string, StatementSync>();
  #writable = true;
  /** `PRAGMA data_version` of our last write transaction: it changes with every commit of another connection. */
  #dataVersion: number | undefined;
  #synchronous: 'NORMAL' | 'FULL' = 'NORMAL';
  /** The file behind the handle; undefined for a store in memory. */
  readonly #file: string | undefined;

  constructor(handle: DatabaseSync, options: DatabaseOptions) {
    this.#handle = handle;
    this.path = options.path;
    this.now = options.now;
    this.schemaVersion = options.schemaVersion;
    this.#patience = options.patience;
    this.#file = identity(options.path);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#handle.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** The first row. `Row` is what the statement selects: the caller's statement and type stand side by side. */
  get<Row>(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...parameters) as Row | undefined;
  }

  /** All rows; statements that can meet many rows carry a LIMIT. */
  all<Row>(sql: string, ...parameters: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...parameters) as Row[];
  }

  get isOpen(): boolean {
    return this.#handle.isOpen;
  }

  get isWritable(): boolean {
    return this.#writable;
  }

  /** From now on every write is refused, before SQLite is asked. */
  refuseWrites(): void {
    this.#writable = false;
  }

  /** How many rows changed. */
  run(sql: string, ...parameters: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...parameters).changes);
  }

  /** Runs statements that are used once, outside of any transaction. */
  script(sql: string): void {
    this.#handle.exec(sql);
  }

  /** Reads in one or a few statements, without a transaction. */
  read<Result>(body: () => Result): Promise<Result> {
    return this.#patiently(body);
  }

  /**
   * One write transaction. What `body` throws undoes it. With `flush` it is on the disk when this resolves (R6): SQLite syncs the WAL
   * once, which covers every earlier commit too.
   */
  write<Result>(body: () => Result, options: WriteOptions = {}): Promise<Result> {
    return this.#patiently(() => this.#transaction(body, options));
  }

  #transaction<Result>(body: () => Result, options: WriteOptions): Result {
    if (!this.#writable) throw readOnlyFailure(this.path);
    if (options.flush === true) this.#checkFile();
    this.#setSynchronous(options.flush === true ? 'FULL' : 'NORMAL');
    this.run('BEGIN IMMEDIATE');
    try {
      this.#noticeOthers(options);
      const result = body();
      this.run('COMMIT');
      return result;
    } catch (thrown) {
      this.writers.clear();
      // A full disk, for one, has undone it already.
      if (this.#handle.isTransaction) this.run('ROLLBACK');
      throw thrown;
    }
  }

  /** A file that was taken away still takes writes, which nobody will find: no effect may follow and no input be acknowledged. */
  #checkFile(): void {
    if (this.#file === undefined || identity(this.path) === this.#file) return;
    throw new YonderError(
      'store_failed',
      `the session store ${this.path} was removed or replaced while it was open; put it back or start this process again`,
      { retryable: false },
    );
  }

  /** SQLite reads this setting when it compiles the pragma, outside of transactions, so there is no statement to keep. */
  #setSynchronous(mode: 'NORMAL' | 'FULL'): void {
    if (this.#synchronous === mode) return;
    this.#handle.exec(`PRAGMA synchronous = ${mode}`);
    this.#synchronous = mode;
  }

  #noticeOthers(options: WriteOptions): void {
    const version = this.dataVersion();
    if (version === this.#dataVersion) return;
    this.writers.clear();
    if (options.migrating === true) return;
    this.#checkSchema();
    this.#dataVersion = version;
  }

  /** Changes with every commit of another connection, and with none of ours. */
  dataVersion(): number | undefined {
    return this.get<{ data_version: number }>('PRAGMA data_version')?.data_version;
  }

  /** R39: a newer binary may have changed the store since it was opened. */
  #checkSchema(): void {
    const version = this.get<{ user_version: number }>('PRAGMA user_version')?.user_version;
    if (version === this.schemaVersion) return;
    throw new YonderError(
      'store_failed',
      `the session store ${this.path} now has schema ${version}, and this process writes schema ${this.schemaVersion}; end it and start the newer yonder`,
      { retryable: false },
    );
  }

  async #patiently<Result>(attempt: () => Result): Promise<Result> {
    const deadline = performance.now() + this.#patience;
    for (let tries = 1; ; tries += 1) {
      this.#checkOpen();
      try {
        return attempt();
      } catch (thrown) {
        if (!isBusy(thrown) || performance.now() >= deadline) throw storeFailure(thrown, this.path);
      }
      // Jitter keeps several waiting processes from asking in step; the growth leaves the event loop mostly free.
      await delay(Math.min(20 * tries, 250) * (0.5 + Math.random()));
    }
  }

  #checkOpen(): void {
    if (this.#handle.isOpen) return;
    throw new YonderError('store_failed', `the session store ${this.path} was closed by this process`, {
      retryable: false,
    });
  }

  close(): void {
    this.#statements.clear();
    if (this.#handle.isOpen) this.#handle.close();
  }
}
