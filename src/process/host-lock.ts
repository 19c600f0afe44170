import { closeSync, constants, existsSync, openSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/**
 * Proof that a process lives: an exclusive lock on a file of its own, which the kernel frees when the process is gone,
 * however it went. A stopped or sleeping process still holds it; no clock is asked (R1).
 *
 * The lock is SQLite's on an empty database. Nothing else in this process may open and close that file: POSIX frees
 * a process's locks with the first descriptor that is closed.
 */
export interface HostLock {
  readonly path: string;
  /** Frees the lock and removes its file. Any number of times. */
  release(): void;
}

/** How long a moment's look of another process (`isHeld`) may keep `acquireLock` waiting, in milliseconds. */
const PATIENCE_MS = 1000;

/** Takes the lock, making its file (mode 0600) where there is none. Returns null when a living process holds it. */
export function acquireLock(path: string): HostLock | null {
  createPrivately(path);
  const database = new DatabaseSync(path, { timeout: PATIENCE_MS });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  let held = true;
  return {
    path,
    release() {
      if (!held) return;
      held = false;
      rmSync(path, { force: true });
      database.close();
    },
  };
}

/**
 * Whether a living process, this one included, holds the lock. A missing file is held by nobody; one that this user may not open (that
 * of another user's Host) counts as held, since nothing proves that its owner is dead.
 */
export function isHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    database.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    // Its owner may have taken it away just now.
    if (hasCode(error, SQLITE_CANTOPEN)) return existsSync(path);
    // Bytes that make no database could only be read because nobody holds the lock.
    if (hasCode(error, SQLITE_NOTADB)) return false;
    throw error;
  } finally {
    database?.close();
  }
}

/** Only a file that this call makes is opened here, so that no descriptor of a held lock is ever closed. */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

const SQLITE_BUSY = 5;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

function isBusy(error: unknown): boolean {
  return hasCode(error, SQLITE_BUSY);
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === code;
}
