/** Marks a file as ours (`PRAGMA application_id`): the letters "Yndr". */
export const APPLICATION_ID = 0x59_6e_64_72;

/** A log has room for this many events; an event's key is `log * LOG_SPAN + seq`. */
export const LOG_SPAN = 2 ** 30;

export interface Migration {
  /** The schema version (`PRAGMA user_version`) that this step leads to. */
  version: number;
  /** Statements that only add (R39): what an older binary wrote stays readable as it is. */
  sql: string;
}

/**
 * Why the keys are as they are:
 * - `events.position` is one integer, `log * LOG_SPAN + seq`: appending at the end of an integer key costs about half of what a key
 *   `(session_id, seq)` costs, and the log's own counter is the greatest key of its span, read inside the writing transaction (R2).
 * - Whatever goes with a session has its `log` first in a key or index, so that a delete touches no other session.
 * - `search` has a text under the position of its event, and a title under the number 0 of its log: what goes with a log is one span.
 * - `leases` has one narrow row per log, made with the session: an append reads owner, epoch and log number by one key, and writes none of them.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE hosts(
        host_id TEXT PRIMARY KEY, pid INTEGER NOT NULL, schema_version INTEGER NOT NULL, started_at TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE sessions(
        log INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL UNIQUE, principal TEXT NOT NULL, title TEXT NOT NULL,
        agent_name TEXT NOT NULL, working_dir TEXT NOT NULL, team_digest TEXT NOT NULL, created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL, starred INTEGER NOT NULL, active_run TEXT, waiting INTEGER NOT NULL DEFAULT 0,
        input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cost REAL NOT NULL,
        num_messages INTEGER NOT NULL DEFAULT 0, first_message TEXT NOT NULL DEFAULT '', settings TEXT NOT NULL
      ) STRICT;
      CREATE INDEX sessions_by_update ON sessions(updated_at);

      CREATE TABLE leases(
        root_id TEXT PRIMARY KEY, log INTEGER NOT NULL, epoch INTEGER NOT NULL, host_id TEXT, pid INTEGER, acquired_at TEXT
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE events(position INTEGER PRIMARY KEY, type TEXT NOT NULL, json TEXT NOT NULL) STRICT;
      CREATE TABLE steps(
        log INTEGER NOT NULL, step_id TEXT NOT NULL, position INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(log, step_id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE runs(
        run_id TEXT PRIMARY KEY, log INTEGER NOT NULL, root_id TEXT NOT NULL, session_id TEXT NOT NULL, first_seq INTEGER NOT NULL,
        last_seq INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX runs_by_session ON runs(log, session_id, last_seq);

      CREATE TABLE inputs(
        log INTEGER NOT NULL, position INTEGER NOT NULL, input_id TEXT NOT NULL UNIQUE, session_id TEXT NOT NULL, kind TEXT NOT NULL,
        payload TEXT NOT NULL, by TEXT NOT NULL, created_at TEXT NOT NULL, taken INTEGER NOT NULL DEFAULT 0, unique_key TEXT,
        PRIMARY KEY(log, position)
      ) STRICT;
      CREATE INDEX inputs_pending ON inputs(log, position) WHERE taken = 0;
      CREATE UNIQUE INDEX inputs_by_unique_key ON inputs(log, unique_key) WHERE unique_key IS NOT NULL;
      CREATE TABLE idempotency(
        principal TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL, request_digest TEXT NOT NULL, outcome TEXT NOT NULL,
        log INTEGER, expires_at TEXT, PRIMARY KEY(principal, operation, key)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX idempotency_by_log ON idempotency(log) WHERE log IS NOT NULL;
      CREATE INDEX idempotency_by_expiry ON idempotency(expires_at) WHERE expires_at IS NOT NULL;

      CREATE TABLE teams(digest TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
      CREATE TABLE contents(log INTEGER NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY(log, digest)) STRICT;
      CREATE TABLE blobs(
        log INTEGER NOT NULL, blob_id TEXT NOT NULL, media_type TEXT NOT NULL, name TEXT, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
        bytes BLOB NOT NULL, PRIMARY KEY(log, blob_id)
      ) STRICT;
      CREATE TABLE uploads(
        upload_id TEXT PRIMARY KEY, principal TEXT NOT NULL, name TEXT, media_type TEXT NOT NULL, size INTEGER NOT NULL,
        sha256 TEXT NOT NULL, bytes BLOB NOT NULL
      ) STRICT;
      CREATE TABLE recordings(number INTEGER PRIMARY KEY, log INTEGER NOT NULL, interaction TEXT NOT NULL) STRICT;
      CREATE INDEX recordings_by_log ON recordings(log);
    `,
  },
  {
    version: 2,
    // What older sessions say is indexed later, in short steps (R35): `search_backlog` has the span of each that is still to be read.
    sql: `
      CREATE VIRTUAL TABLE search USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 2');
      INSERT INTO search(search, rank) VALUES ('rank', 'bm25(8.0, 1.0)');
      CREATE TABLE copies(log INTEGER PRIMARY KEY, host_id TEXT NOT NULL) STRICT;
      CREATE TABLE search_backlog(log INTEGER PRIMARY KEY, next INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
      INSERT INTO search_backlog(log, next, last) SELECT log, log * ${LOG_SPAN}, coalesce((
        SELECT max(position) FROM events WHERE position >= log * ${LOG_SPAN} AND position < (log + 1) * ${LOG_SPAN}
      ), log * ${LOG_SPAN}) FROM sessions;
    `,
  },
  {
    version: 3,
    // Whose runs a server goes on with by itself when it starts (R11): those that a server began.
    sql: `
      ALTER TABLE sessions ADD COLUMN served INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX sessions_served_runs ON sessions(log) WHERE served = 1 AND active_run IS NOT NULL;
    `,
  },
  {
    version: 4,
    // The words of a text are cut after its commit: `search_waiting` has the logs that say more than the index knows, and from where on. An
    // older binary would cut them again with the next commit.
    sql: 'CREATE TABLE search_waiting(log INTEGER PRIMARY KEY, next INTEGER NOT NULL) STRICT;',
  },
];
