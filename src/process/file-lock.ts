import { closeSync, constants, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/** Who holds or waits for a file in this process: POSIX locks do not keep a process from itself, and go with its first `close`. */
const queues = new Map<string, Promise<unknown>>();

const LOOK_AGAIN_MS = 10;
const SQLITE_BUSY = 5;

/**
 * Runs `act` while no other process, and nothing else of this one, holds the file (made with mode 0600, never removed). The kernel frees
 * it when the holder dies (R1). Waits without blocking; rejects with the signal's reason when that aborts while it waits.
 */
export async function withFileLock<Result>(
  path: string,
  signal: AbortSignal | undefined,
  act: () => Promise<Result>,
): Promise<Result> {
  const before = queues.get(path) ?? Promise.resolve();
  const turn = before.then(() => hold(path, signal, act));
  const settled = turn.catch(() => undefined);
  queues.set(path, settled);
  try {
    return await turn;
  } finally {
    if (queues.get(path) === settled) queues.delete(path);
  }
}

async function hold<Result>(
  path: string,
  signal: AbortSignal | undefined,
  act: () => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  closeSync(openSync(path, constants.O_CREAT | constants.O_WRONLY, 0o600));
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    while (!begin(database)) await delay(LOOK_AGAIN_MS, undefined, signal === undefined ? {} : { signal });
    return await act();
  } finally {
    database.close();
  }
}

function begin(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY)
      return false;
    throw error;
  }
}
