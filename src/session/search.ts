import { setImmediate as breathe } from 'node:timers/promises';

import type { SearchHit, SearchQuery, Store } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { LOG_SPAN } from './schema.ts';
import { catchUpIndex, countBehind, isTextWaiting } from './search-index.ts';
import { type SearchWords, searchWords } from './search-words.ts';
import { SESSION_COLUMNS, type SessionRecord, toSessionRow } from './session-rows.ts';
import { snippetOf } from './snippet.ts';

/** One row per session: its best text by bm25 (a title counts eight times), how many texts match, ties newest first. */
const SELECT_HITS = `SELECT sessions.log AS log, search.rowid AS position, min(search.rank) AS best, count(*) AS matches
  FROM search CROSS JOIN sessions ON sessions.log = search.rowid / ${LOG_SPAN}
  WHERE search MATCH ?1 AND (?2 IS NULL OR principal = ?2) AND (?3 IS NULL OR working_dir = ?3) AND (?4 IS NULL OR starred = ?4)
  GROUP BY sessions.log ORDER BY best, sessions.log DESC LIMIT ?5 OFFSET ?6`;

interface HitRecord {
  log: number;
  position: number;
  matches: number;
}

const WHERE: Readonly<Record<string, SearchHit['where']>> = {
  user_message: 'user',
  message_added: 'assistant',
  tool_call_response: 'tool',
  shell: 'shell',
};

function toHit(database: Database, found: HitRecord, words: SearchWords): SearchHit | undefined {
  const record = database.get<SessionRecord>(
    `SELECT ${SESSION_COLUMNS} FROM sessions WHERE log = ?`,
    found.log,
  );
  const text = database.get<{ title: string | null; body: string | null }>(
    'SELECT title, body FROM search WHERE rowid = ?',
    found.position,
  );
  if (record === undefined || text === undefined) return undefined;
  const event = database.get<{ type: string; json: string }>(
    'SELECT type, json FROM events WHERE position = ?',
    found.position,
  );
  return {
    row: toSessionRow(record),
    where: WHERE[event?.type ?? ''] ?? 'title',
    ...(event === undefined ? {} : { seq: found.position % LOG_SPAN, ...idsOf(event.json) }),
    matches: found.matches,
    snippet: snippetOf(text.title ?? text.body ?? '', words.words),
  };
}

function idsOf(json: string): { message_id?: string; session_id?: string } {
  const event = JSON.parse(json) as {
    session_id?: string;
    message_id?: string;
    tool_call_id?: string;
    message?: { message_id?: string } | string;
  };
  const inner = typeof event.message === 'object' ? event.message.message_id : undefined;
  const result = event.tool_call_id === undefined ? undefined : `result_${event.tool_call_id}`;
  const message_id = event.message_id ?? inner ?? result;
  return {
    ...(event.session_id === undefined ? {} : { session_id: event.session_id }),
    ...(message_id === undefined ? {} : { message_id }),
  };
}

function search(database: Database, query: SearchQuery): SearchHit[] {
  const words = searchWords(query.query);
  if (words === undefined) return [];
  return database
    .all<HitRecord>(
      SELECT_HITS,
      words.match,
      query.principal ?? null,
      query.working_dir ?? null,
      query.starred === undefined ? null : Number(query.starred),
      query.limit,
      query.offset,
    )
    .map((found) => toHit(database, found, words))
    .filter((hit) => hit !== undefined);
}

/** Full text over titles and messages (FTS5). */
export function createSearch(database: Database): Pick<Store, 'search' | 'catchUpSearch'> {
  return {
    async search(query) {
      for (;;) {
        // In one read, so that what is committed between the look and the search is not missed.
        const hits = await database.read(() =>
          database.isWritable && isTextWaiting(database) ? undefined : search(database, query),
        );
        if (hits !== undefined) return hits;
        await database.write(() => catchUpIndex(database));
        await breathe();
      }
    },
    async catchUpSearch(milliseconds, signal) {
      const left = (): Promise<number> => database.read(() => countBehind(database));
      const until = performance.now() + milliseconds;
      while (database.isWritable && (await left()) > 0 && performance.now() < until) {
        signal?.throwIfAborted();
        await database.write(() => catchUpIndex(database));
        // Others of this process come in between two transactions.
        await breathe();
      }
      return left();
    },
  };
}
