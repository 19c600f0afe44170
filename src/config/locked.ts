import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLock, type HostLock } from '../process/host-lock.ts';
import { makeFolders } from '../process/make-folders.ts';
import { YonderError } from '../protocol/errors.ts';

const PATIENCE_MS = 10_000;

/** Waits for the kernel's lock at `lockPath`, at most 10 s, and holds it while `act` changes `path`; makes the folder. `conflict` when another process keeps it. */
export function whileLocked<Value>(
  path: string,
  lockPath: string,
  act: () => Promise<Value>,
): Promise<Value> {
  const before = queues.get(lockPath) ?? Promise.resolve();
  const next = before.then(() => alone(path, lockPath, act));
  // The caller hears of a failure; the one after it is not held up by it.
  const settled = next.then(
    () => undefined,
    () => undefined,
  );
  queues.set(lockPath, settled);
  return next;
}

/** Waiting for the kernel's lock holds up the whole process, so it must not wait for itself. */
const queues = new Map<string, Promise<unknown>>();

async function alone<Value>(path: string, lockPath: string, act: () => Promise<Value>): Promise<Value> {
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
