import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLock, type HostLock } from '../process/host-lock.ts';
import { makeFolders } from '../process/make-folders.ts';
import { YonderError } from '../protocol/errors.ts';

const PATIENCE_MS = 10_000;

/** Waits for the kernel's lock at `lockPath`, at most 10 s, and holds it while `act` changes `path`; makes the folder. `conflict` when another process keeps it. */
export async function whileLocked<Value>(
  path: string,
  lockPath: string,
  act: () => Promise<Value>,
): Promise<Value> {
  makeFolders(dirname(lockPath));
  const lock = await lockFor(path, lockPath);
  try {
    return await act();
  } finally {
    lock.release();
  }
}

async function lockFor(path: string, lockPath: string): Promise<HostLock> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const lock = acquireLock(lockPath);
    if (lock !== null) return lock;
    if (performance.now() > deadline) {
      throw new YonderError('conflict', `${path} is being changed by another process; try again`);
    }
    await delay(20);
  }
}
