import { setImmediate as breathe } from 'node:timers/promises';

import { YonderError } from '../protocol/errors.ts';
import type { SessionCopy, Store } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { prepareEvent } from './draft.ts';
import type { Hosts } from './hosts.ts';
import { earlierOutcome, keepOutcome } from './idempotency.ts';
import { insertEvents } from './log.ts';
import { LOG_SPAN } from './schema.ts';
import { patchSession } from './session-rows.ts';
import { insertSession } from './sessions.ts';

/** Events that one transaction copies: a few milliseconds (R35). */
const CHUNK = 200;

const BLOB_IDS = /"blob_id":"([^"\\]+)"/gu;
/** What a copy may leave behind under a number that no session has. */
const LEFTOVERS = ['contents', 'blobs', 'copies'].map((table) => `DELETE FROM ${table} WHERE log = ?`);

interface EventRecord {
  position: number;
  type: string;
  json: string;
}

/** A number that no log has and none will get, known as a copy that is under way. */
function reserveLog(database: Database, copy: SessionCopy, host_id: string): number {
  const log = insertSession(database, copy.row, database.now().toISOString());
  database.run('DELETE FROM sessions WHERE log = ?', log);
  database.run('DELETE FROM leases WHERE root_id = ?', copy.row.session_id);
  database.run('INSERT INTO copies(log, host_id) VALUES (?, ?)', log, host_id);
  return log;
}

function sourceLog(database: Database, source_id: string): number {
  const found = database.get<{ log: number }>('SELECT log FROM sessions WHERE session_id = ?', source_id);
  if (found !== undefined) return found.log;
  throw new YonderError('conflict', `session ${source_id} was deleted while it was copied`);
}

/** Copies the next events behind `after`; gives the number of the last one and the blobs that they name. */
function copyChunk(
  database: Database,
  copy: SessionCopy,
  log: number,
  after: number,
): { reached: number; blobs: string[] } {
  const source = sourceLog(database, copy.source_id) * LOG_SPAN;
  const page = database.all<EventRecord>(
    'SELECT position, type, json FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?',
    source + after,
    source + copy.upto,
    CHUNK,
  );
  const blobs: string[] = [];
  for (const { position, type, json } of page) {
    const seq = position - source;
    const text = copy.rewrite({ seq, type, json }).json;
    database.run(
      'INSERT INTO events(position, type, json) VALUES (?, ?, ?)',
      log * LOG_SPAN + seq,
      type,
      text,
    );
    for (const [, blob_id = ''] of text.matchAll(BLOB_IDS)) blobs.push(blob_id);
  }
  const last = page.at(-1);
  return { reached: last === undefined ? copy.upto : last.position - source, blobs };
}

function copyBlob(database: Database, source: number, log: number, blob_id: string): void {
  database.run(
    `INSERT INTO blobs(log, blob_id, media_type, name, size, sha256, bytes)
     SELECT ?, blob_id, media_type, name, size, sha256, bytes FROM blobs WHERE log = ? AND blob_id = ? ON CONFLICT DO NOTHING`,
    log,
    source,
    blob_id,
  );
}

/** The last transaction: from here on there is a session. */
function complete(database: Database, copy: SessionCopy, log: number): Record<string, unknown> {
  const timestamp = database.now().toISOString();
  insertSession(database, copy.row, timestamp, log);
  const { events, runs, session } = copy.finish();
  insertEvents(database, log, copy.upto, events.map(prepareEvent), timestamp);
  for (const run of runs) {
    database.run(
      'INSERT INTO runs(run_id, log, root_id, session_id, first_seq, last_seq) VALUES (?, ?, ?, ?, ?, ?)',
      run.run_id,
      log,
      copy.row.session_id,
      run.session_id,
      run.first_seq,
      run.last_seq ?? null,
    );
  }
  patchSession(database, log, session, timestamp);
  database.run(
    'INSERT INTO search_backlog(log, next, last) VALUES (?, ?, ?)',
    log,
    log * LOG_SPAN,
    log * LOG_SPAN + copy.upto,
  );
  database.run('DELETE FROM copies WHERE log = ?', log);
  keepOutcome(database, copy.idempotency, log);
  return copy.idempotency?.outcome ?? { session_id: copy.row.session_id };
}

/** Takes away what a copy left that did not come to its end. */
async function clear(database: Database, log: number): Promise<void> {
  const chunk = (): number =>
    database.run(
      'DELETE FROM events WHERE position IN (SELECT position FROM events WHERE position >= ? AND position < ? LIMIT ?)',
      log * LOG_SPAN,
      (log + 1) * LOG_SPAN,
      CHUNK,
    );
  while ((await database.write(chunk)) > 0) await breathe();
  await database.write(() => {
    for (const statement of LEFTOVERS) database.run(statement, log);
  });
}

async function clearDead(database: Database, hosts: Hosts, host_id: string): Promise<void> {
  const left = await database.read(() =>
    database.all<{ log: number; host_id: string }>('SELECT log, host_id FROM copies LIMIT 100'),
  );
  for (const copy of left)
    if (copy.host_id !== host_id && !hosts.isAlive(copy.host_id)) await clear(database, copy.log);
}

async function fill(
  database: Database,
  copy: SessionCopy,
  log: number,
  signal: AbortSignal | undefined,
): Promise<Record<string, unknown>> {
  const blobs = new Set<string>();
  for (let after = 0; after < copy.upto;) {
    signal?.throwIfAborted();
    const from = after;
    const chunk = await database.write(() => copyChunk(database, copy, log, from));
    for (const blob_id of chunk.blobs) blobs.add(blob_id);
    after = chunk.reached;
    await breathe();
  }
  for (const blob_id of blobs)
    await database.write(() => copyBlob(database, sourceLog(database, copy.source_id), log, blob_id));
  return database.write(
    () => {
      const source = sourceLog(database, copy.source_id);
      database.run(
        'INSERT INTO contents(log, digest, text) SELECT ?, digest, text FROM contents WHERE log = ?',
        log,
        source,
      );
      return complete(database, copy, log);
    },
    { flush: true },
  );
}

/** Sessions that begin as copies (R37). */
export function createCopies(database: Database, host_id: string, hosts: Hosts): Pick<Store, 'copySession'> {
  return {
    async copySession(copy, signal) {
      await clearDead(database, hosts, host_id);
      const begun = await database.write(() => {
        const earlier = earlierOutcome(database, copy.idempotency);
        return earlier === undefined ? reserveLog(database, copy, host_id) : earlier;
      });
      if (typeof begun !== 'number') return { repeated: true, outcome: begun };
      try {
        return { repeated: false, outcome: await fill(database, copy, begun, signal) };
      } catch (thrown) {
        await clear(database, begun);
        throw thrown;
      }
    },
  };
}
