import { YonderError } from '../protocol/errors.ts';
import type { Database } from './database.ts';
import { livingOlderHost } from './hosts.ts';
import { APPLICATION_ID, type Migration } from './schema.ts';

function schemaVersion(database: Database): number {
  return database.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
}

/** Throws `store_failed`, before anything is written, for another program's database and for a newer schema. Returns the version. */
export function checkReadable(database: Database): number {
  const application = database.get<{ application_id: number }>('PRAGMA application_id')?.application_id;
  const tables = database.get<{ count: number }>('SELECT count(*) AS count FROM sqlite_schema')?.count;
  if (application !== APPLICATION_ID && tables !== 0) {
    throw new YonderError(
      'store_failed',
      `${database.path} is a database of another program, not a session store; name another file with --session-db`,
      {
        retryable: false,
      },
    );
  }
  const version = schemaVersion(database);
  if (version <= database.schemaVersion) return version;
  throw new YonderError(
    'store_failed',
    `the session store ${database.path} has schema ${version} and this yonder knows schema ${database.schemaVersion}; it was not touched: use a newer yonder, or name another file with --session-db`,
    { details: { schema_version: version, known: database.schemaVersion }, retryable: false },
  );
}

/** For a handle that only looks: it cannot bring an older schema up to date. */
export function checkCurrent(database: Database): void {
  const version = checkReadable(database);
  if (version === database.schemaVersion) return;
  throw new YonderError(
    'store_failed',
    `the session store ${database.path} has schema ${version} and must be brought to ${database.schemaVersion} first; start a run with it once, with permission to write`,
    { details: { schema_version: version, known: database.schemaVersion }, retryable: false },
  );
}

/** Brings the schema up to date in one transaction; `conflict` while a living Host of an older schema uses the store (R39). */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  lockFolder: string,
): Promise<void> {
  if ((await database.read(() => schemaVersion(database))) === database.schemaVersion) return;
  await database.write(
    () => {
      // Read again under the lock: another process may have been first.
      const version = checkReadable(database);
      if (version === database.schemaVersion) return;
      if (version > 0) refuseOlderHost(database, lockFolder, version);
      for (const migration of migrations) {
        if (migration.version > version) database.script(migration.sql);
      }
      database.script(
        `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${database.schemaVersion}`,
      );
    },
    { flush: true, migrating: true },
  );
}

function refuseOlderHost(database: Database, lockFolder: string, version: number): void {
  const host = livingOlderHost(database, lockFolder);
  if (host === undefined) return;
  throw new YonderError(
    'conflict',
    `process ${host.pid} uses the session store ${database.path} with schema ${host.schema_version}, and this yonder would bring it from ${version} to ${database.schemaVersion}; end that process first`,
    { details: { pid: host.pid, schema_version: host.schema_version } },
  );
}
