import { YonderError } from '../protocol/errors.ts';
import type { Database } from './database.ts';
import { LOG_SPAN } from './schema.ts';

/** Who may append to a log, and where it ends. */
export interface Writer {
  /** The log's number, which is the front of its keys. */
  log: number;
  epoch: number;
  /** Null while nobody has the lease. */
  host_id: string | null;
  pid: number | null;
  /** The last event's number, 0 while there is none. */
  head: number;
}

const SELECT_WRITER = `SELECT log, epoch, host_id, pid, coalesce((
    SELECT max(position) FROM events WHERE position >= log * ${LOG_SPAN} AND position < (log + 1) * ${LOG_SPAN}
  ), 0) % ${LOG_SPAN} AS head FROM leases WHERE root_id = ?`;

/** Reads lease and log by one key. Throws `not_found`. */
export function findWriter(database: Database, root_id: string): Writer {
  const writer = database.get<Writer>(SELECT_WRITER, root_id);
  if (writer !== undefined) return writer;
  throw new YonderError('not_found', `there is no session ${root_id} in ${database.path}`);
}

/**
 * The same inside a write transaction, from memory as long as no other connection has committed (`Database.writers`). Whoever appends
 * moves `head` on; whoever changes a lease or removes a log drops the entry.
 */
export function knownWriter(database: Database, root_id: string): Writer {
  const known = database.writers.get(root_id);
  if (known !== undefined) return known;
  const writer = findWriter(database, root_id);
  database.writers.set(root_id, writer);
  return writer;
}
