import { YonderError } from '../protocol/errors.ts';
import type { LeaseRow, Store } from '../protocol/store.ts';
import type { Database } from './database.ts';
import type { Hosts } from './hosts.ts';
import { indexNewTexts } from './search-index.ts';

interface LeaseRecord {
  root_id: string;
  log: number;
  epoch: number;
  host_id: string | null;
  pid: number | null;
  acquired_at: string | null;
}

function find(database: Database, root_id: string): LeaseRecord | undefined {
  return database.get<LeaseRecord>(
    'SELECT root_id, log, epoch, host_id, pid, acquired_at FROM leases WHERE root_id = ?',
    root_id,
  );
}

/** The row as a lease; undefined while nobody has it. */
function toLease({ root_id, epoch, host_id, pid, acquired_at }: LeaseRecord): LeaseRow | undefined {
  if (host_id === null || pid === null || acquired_at === null) return undefined;
  return { root_id, epoch, host_id, pid, acquired_at };
}

/** Who drives which session (R1). Each new owner gets a higher epoch; an owner is dead only when its kernel lock is free. */
export function createLeases(
  database: Database,
  host_id: string,
  hosts: Hosts,
): Pick<Store, 'acquireLease' | 'releaseLease' | 'lease'> {
  const isAlive = (id: string): boolean => id === host_id || hosts.isAlive(id);
  return {
    acquireLease: (root_id) =>
      database.write(() => {
        const record = find(database, root_id);
        if (record === undefined)
          throw new YonderError('not_found', `there is no session ${root_id} in ${database.path}`);
        const lease = toLease(record);
        if (lease?.host_id === host_id) return { kind: 'acquired', epoch: lease.epoch };
        if (lease !== undefined && isAlive(lease.host_id)) return { kind: 'held', lease };
        database.writers.delete(root_id);
        const epoch = record.epoch + 1;
        database.run(
          'UPDATE leases SET host_id = ?, pid = ?, acquired_at = ?, epoch = ? WHERE root_id = ?',
          host_id,
          process.pid,
          database.now().toISOString(),
          epoch,
          root_id,
        );
        return { kind: 'acquired', epoch };
      }),
    releaseLease: (root_id, epoch) =>
      database.write(() => {
        database.writers.delete(root_id);
        // Here nobody waits for it, and a search finds next to nothing that is left to do.
        const log = find(database, root_id)?.log;
        if (log !== undefined) indexNewTexts(database, log);
        database.run(
          'UPDATE leases SET host_id = NULL, pid = NULL, acquired_at = NULL WHERE root_id = ? AND epoch = ? AND host_id = ?',
          root_id,
          epoch,
          host_id,
        );
      }),
    lease: (root_id) =>
      database.read(() => {
        const record = find(database, root_id);
        const lease = record === undefined ? undefined : toLease(record);
        return lease === undefined ? undefined : { lease, alive: isAlive(lease.host_id) };
      }),
  };
}
