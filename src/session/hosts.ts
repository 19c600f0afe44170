import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { YonderError } from '../protocol/errors.ts';
import { acquireLock, type HostLock, isHeld } from '../process/host-lock.ts';
import { makeFolders } from '../process/make-folders.ts';
import type { Database } from './database.ts';

const SUFFIX = '.lock';

/** Who is alive among the Hosts of one store: each holds a lock file of its own for life (R1). */
export interface Hosts {
  isAlive(host_id: string): boolean;
  /** Frees the lock and forgets the Host. */
  leave(): Promise<void>;
}

/** A store in memory has no other Host. */
export const ALONE: Hosts = { isAlive: () => false, leave: () => Promise.resolve() };

function lockPath(folder: string, host_id: string): string {
  return join(folder, host_id + SUFFIX);
}

/** Sees who is alive without being a Host: for a handle that only looks. */
export function watchHosts(folder: string): Hosts {
  return { isAlive: (id) => isHeld(lockPath(folder, id)), leave: () => Promise.resolve() };
}

/**
 * Takes this Host's lock, writes its row, and clears away what dead Hosts left, all inside one write transaction: so nobody's lock
 * file is seen between its making and its row, and a file without a living lock is garbage.
 */
export async function joinHosts(database: Database, host_id: string, folder: string): Promise<Hosts> {
  let lock: HostLock | undefined;
  try {
    await database.write(() => {
      makeFolders(folder);
      clearDead(database, folder);
      lock ??= takeLock(lockPath(folder, host_id));
      database.run(
        'INSERT INTO hosts(host_id, pid, schema_version, started_at) VALUES (?, ?, ?, ?)',
        host_id,
        process.pid,
        database.schemaVersion,
        database.now().toISOString(),
      );
    });
  } catch (thrown) {
    lock?.release();
    throw thrown;
  }
  return {
    ...watchHosts(folder),
    async leave() {
      try {
        await database.write(() => {
          database.run(
            'UPDATE leases SET host_id = NULL, pid = NULL, acquired_at = NULL WHERE host_id = ?',
            host_id,
          );
          database.run('DELETE FROM hosts WHERE host_id = ?', host_id);
        });
      } finally {
        lock?.release();
      }
    },
  };
}

function takeLock(path: string): HostLock {
  const lock = acquireLock(path);
  if (lock === null)
    throw new YonderError(
      'conflict',
      `another Host holds the lock file ${path}; start this one with an id of its own`,
    );
  return lock;
}

function clearDead(database: Database, folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(SUFFIX) || isHeld(join(folder, name))) continue;
    rmSync(join(folder, name), { force: true });
    rmSync(join(folder, `${name}-journal`), { force: true });
  }
  const present = new Set(readdirSync(folder));
  for (const { host_id } of database.all<{ host_id: string }>('SELECT host_id FROM hosts')) {
    if (!present.has(host_id + SUFFIX)) database.run('DELETE FROM hosts WHERE host_id = ?', host_id);
  }
}

/** R39: a living Host of an older schema, which a migration must not pull the store away from. */
export function livingOlderHost(
  database: Database,
  folder: string,
): { pid: number; schema_version: number } | undefined {
  return database
    .all<{ host_id: string; pid: number; schema_version: number }>(
      'SELECT host_id, pid, schema_version FROM hosts WHERE schema_version < ?',
      database.schemaVersion,
    )
    .find(({ host_id }) => isHeld(lockPath(folder, host_id)));
}
