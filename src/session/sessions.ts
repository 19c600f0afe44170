import { YonderError } from '../protocol/errors.ts';
import type { NewSession, SessionQuery, SessionRow, Store } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { prepareEvent } from './draft.ts';
import { earlierOutcome, keepOutcome } from './idempotency.ts';
import { insertEvents, PAGE_ROWS } from './log.ts';
import { LOG_SPAN } from './schema.ts';
import { indexTitle, noteTexts, removeFromIndex } from './search-index.ts';
import { SESSION_COLUMNS, type SessionRecord, toSessionRow } from './session-rows.ts';

const NEWEST_FIRST = 'ORDER BY updated_at DESC, log DESC';
const MAX_PREFIX_MATCHES = 20;

/** Makes the row of a session and its lease; `log` where its number was reserved. Gives the number of its log. */
export function insertSession(
  database: Database,
  row: NewSession['row'],
  timestamp: string,
  log: number | null = null,
): number {
  const existing = database.get('SELECT 1 FROM sessions WHERE session_id = ?', row.session_id);
  if (existing !== undefined)
    throw new YonderError('conflict', `there is a session ${row.session_id} already in ${database.path}`);
  const made = database.get<{ log: number }>(
    `INSERT INTO sessions(session_id, principal, title, agent_name, working_dir, team_digest, created_at, updated_at, starred,
       input_tokens, output_tokens, cost, settings, served, log) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING log`,
    row.session_id,
    row.principal,
    row.title,
    row.agent_name,
    row.working_dir,
    row.team_digest,
    row.created_at,
    timestamp,
    row.starred ? 1 : 0,
    row.input_tokens,
    row.output_tokens,
    row.cost,
    JSON.stringify(row.settings),
    row.served === true ? 1 : 0,
    log,
  );
  if (made === undefined) throw new YonderError('internal', `the session ${row.session_id} got no log`);
  database.run('INSERT INTO leases(root_id, log, epoch) VALUES (?, ?, 0)', row.session_id, made.log);
  return made.log;
}

function list(database: Database, query: SessionQuery): SessionRow[] {
  const pattern =
    query.query === undefined ? null : `%${query.query.replaceAll(/[\\%_]/gu, String.raw`\$&`)}%`;
  return database
    .all<SessionRecord>(
      String.raw`SELECT ${SESSION_COLUMNS} FROM sessions WHERE (?1 IS NULL OR principal = ?1) AND (?2 IS NULL OR working_dir = ?2)
        AND (?3 IS NULL OR starred = ?3) AND (?4 IS NULL OR title LIKE ?4 ESCAPE '\' OR first_message LIKE ?4 ESCAPE '\')
        ${NEWEST_FIRST} LIMIT ?5 OFFSET ?6`,
      query.principal ?? null,
      query.working_dir ?? null,
      query.starred === undefined ? null : Number(query.starred),
      pattern,
      Math.min(query.limit, PAGE_ROWS),
      query.offset,
    )
    .map(toSessionRow);
}

/** Everything that goes with a log; a table that a later migration adds belongs in here. */
const DELETE_BY_LOG = [
  'steps',
  'runs',
  'inputs',
  'idempotency',
  'contents',
  'blobs',
  'recordings',
  'search_backlog',
  'search_waiting',
  'leases',
  'sessions',
].map((table) => `DELETE FROM ${table} WHERE log = ?`);

function remove(database: Database, session_id: string): boolean {
  const row = database.get<{ log: number }>('SELECT log FROM sessions WHERE session_id = ?', session_id);
  if (row === undefined) return false;
  database.run(
    'DELETE FROM events WHERE position >= ? AND position < ?',
    row.log * LOG_SPAN,
    (row.log + 1) * LOG_SPAN,
  );
  removeFromIndex(database, row.log);
  // What a person sent with a message lies there under the id of its upload too.
  database.run(
    `DELETE FROM uploads WHERE principal = (SELECT principal FROM sessions WHERE log = ?1)
     AND sha256 IN (SELECT sha256 FROM blobs WHERE log = ?1)`,
    row.log,
  );
  database.writers.delete(session_id);
  for (const statement of DELETE_BY_LOG) database.run(statement, row.log);
  return true;
}

/** Rows of root sessions: made with their first events, listed, found, removed whole. */
export function createSessions(
  database: Database,
): Pick<
  Store,
  'createSession' | 'session' | 'sessionsByPrefix' | 'sessions' | 'servedWork' | 'deleteSession'
> {
  return {
    async createSession({ row, events, idempotency }) {
      const prepared = events.map(prepareEvent);
      return database.write(
        () => {
          const earlier = earlierOutcome(database, idempotency);
          if (earlier !== undefined) return { repeated: true, outcome: earlier, events: [] };
          const timestamp = database.now().toISOString();
          const log = insertSession(database, row, timestamp);
          keepOutcome(database, idempotency, log);
          const stored = insertEvents(database, log, 0, prepared, timestamp);
          noteTexts(database, log, 0, events);
          if (row.title !== '') indexTitle(database, log, row.title);
          return {
            repeated: false,
            outcome: idempotency?.outcome ?? { session_id: row.session_id },
            events: stored,
          };
        },
        { flush: true },
      );
    },
    session: (session_id) =>
      database.read(() => {
        const record = database.get<SessionRecord>(
          `SELECT ${SESSION_COLUMNS} FROM sessions WHERE session_id = ?`,
          session_id,
        );
        return record === undefined ? undefined : toSessionRow(record);
      }),
    sessionsByPrefix: (prefix, principal) =>
      database.read(() =>
        database
          .all<SessionRecord>(
            `SELECT ${SESSION_COLUMNS} FROM sessions WHERE substr(session_id, 1, length(?1)) = ?1 AND (?2 IS NULL OR principal = ?2)
             ${NEWEST_FIRST} LIMIT ${MAX_PREFIX_MATCHES}`,
            prefix,
            principal ?? null,
          )
          .map(toSessionRow),
      ),
    sessions: (query) => database.read(() => list(database, query)),
    servedWork: () =>
      database.read(() =>
        database
          .all<SessionRecord>(
            `SELECT ${SESSION_COLUMNS} FROM sessions WHERE served = 1
             AND (active_run IS NOT NULL OR log IN (SELECT log FROM inputs WHERE taken = 0)) ORDER BY log`,
          )
          .map(toSessionRow),
      ),
    deleteSession: (session_id, idempotency) =>
      database.write(
        () => {
          if (earlierOutcome(database, idempotency) !== undefined) return true;
          const removed = remove(database, session_id);
          if (removed) keepOutcome(database, idempotency, null);
          return removed;
        },
        { flush: true },
      ),
  };
}
