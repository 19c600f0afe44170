import { randomUUID } from 'node:crypto';

import type { Store } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { ALONE, type Hosts, joinHosts, watchHosts } from './hosts.ts';
import { createIdempotency } from './idempotency.ts';
import { createCopies } from './copy.ts';
import { createInbox } from './inbox.ts';
import { createLeases } from './leases.ts';
import { createLog } from './log.ts';
import { openDatabase, type StoreOptions } from './open.ts';
import { createBytes } from './bytes.ts';
import { createContents, createRecordings } from './contents.ts';
import { createSearch } from './search.ts';
import { createSessions } from './sessions.ts';

export type { StoreOptions } from './open.ts';

/**
 * Opens a Host's store; the caller closes it. Throws `store_failed` (a folder, no permission, locked, newer schema, damaged: copied
 * aside first), `unsupported` (network file system, R35) and `conflict` (a living Host of an older schema, R39).
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const host_id = options.host_id ?? `host_${randomUUID()}`;
  const lockFolder = options.lock_dir ?? `${options.path}.hosts`;
  const database = await openDatabase({ ...options, lockFolder });
  try {
    const hosts = await findHosts(options, database, host_id, lockFolder);
    return {
      path: options.path,
      host_id,
      ...createSessions(database),
      ...createLog(database, host_id),
      ...createInbox(database),
      ...createIdempotency(database),
      ...createLeases(database, host_id, hosts),
      ...createContents(database),
      ...createBytes(database),
      ...createRecordings(database),
      ...createSearch(database),
      ...createCopies(database, host_id, hosts),
      dataVersion: () => database.dataVersion() ?? 0,
      async close() {
        if (!database.isOpen) return;
        try {
          await hosts.leave();
        } finally {
          database.close();
        }
      },
    };
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

async function findHosts(
  options: StoreOptions,
  database: Database,
  host_id: string,
  folder: string,
): Promise<Hosts> {
  if (options.path === ':memory:') return ALONE;
  return options.readOnly === true ? watchHosts(folder) : joinHosts(database, host_id, folder);
}
