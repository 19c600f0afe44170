import type { EventDraft } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { LOG_SPAN } from './schema.ts';

/** Characters of one message, and of one tool result, that can be found. */
const MESSAGE_LIMIT = 64 * 1024;
const RESULT_LIMIT = 8 * 1024;

/** Events that one transaction of the catching up reads: a few milliseconds (R35). */
const CHUNK = 100;

const INSERT = 'INSERT INTO search(rowid, body) VALUES (?, ?)';

/** What can be found of an event; undefined for those that say nothing a person would look for. */
function searchable(type: string, fields: Record<string, unknown>): string | undefined {
  switch (type) {
    case 'user_message':
      return bounded(fields['message'], MESSAGE_LIMIT);
    case 'message_added': {
      const message = fields['message'] as { role?: unknown; content?: unknown } | undefined;
      return message?.role === 'assistant' ? bounded(message.content, MESSAGE_LIMIT) : undefined;
    }
    case 'tool_call_response':
      return bounded(fields['response'], RESULT_LIMIT);
    case 'shell':
      return bounded(fields['command'] ?? fields['output'], RESULT_LIMIT);
    default:
      return undefined;
  }
}

function bounded(value: unknown, limit: number): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, limit) : undefined;
}

const WAIT = 'INSERT INTO search_waiting(log, next) VALUES (?, ?) ON CONFLICT DO NOTHING';

/**
 * Notes that these events, appended after `head` in the same transaction, say something that is not in the index yet: cutting the words of a
 * text takes as long as its commit.
 */
export function noteTexts(
  database: Database,
  log: number,
  head: number,
  events: readonly EventDraft[],
): void {
  if (events.some(({ type, fields }) => searchable(type, fields) !== undefined))
    database.run(WAIT, log, log * LOG_SPAN + head);
}

/** A title stands under the number 0 of its log, which no event has. */
export function indexTitle(database: Database, log: number, title: string): void {
  const rowid = log * LOG_SPAN;
  database.run('DELETE FROM search WHERE rowid = ?', rowid);
  if (title !== '') database.run('INSERT INTO search(rowid, title) VALUES (?, ?)', rowid, title);
}

export function removeFromIndex(database: Database, log: number): void {
  database.run('DELETE FROM search WHERE rowid >= ? AND rowid < ?', log * LOG_SPAN, (log + 1) * LOG_SPAN);
}

interface Behind {
  log: number;
  next: number;
  last: number;
}

/** How many sessions say something that is not in the index. */
export function countBehind(database: Database): number {
  const found = database.get<{ count: number }>(
    'SELECT count(*) AS count FROM (SELECT log FROM search_waiting UNION SELECT log FROM search_backlog)',
  );
  return found?.count ?? 0;
}

/** Whether texts were committed since the index was there that are not in it yet. */
export function isTextWaiting(database: Database): boolean {
  return database.get('SELECT 1 FROM search_waiting LIMIT 1') !== undefined;
}

/** Indexes the next events of the newest log that is behind, in the caller's transaction; false when nothing is behind. */
export function catchUpIndex(database: Database): boolean {
  const waiting = database.get<{ log: number; next: number }>(
    'SELECT log, next FROM search_waiting ORDER BY log DESC LIMIT 1',
  );
  if (waiting !== undefined) {
    indexWaiting(database, waiting);
    return true;
  }
  const behind = database.get<Behind>('SELECT log, next, last FROM search_backlog ORDER BY log DESC LIMIT 1');
  if (behind === undefined) return false;
  const { log, next } = behind;
  if (next === log * LOG_SPAN) {
    const row = database.get<{ title: string }>('SELECT title FROM sessions WHERE log = ?', log);
    if (row !== undefined) indexTitle(database, log, row.title);
  }
  const reached = indexPage(database, behind);
  if (reached === undefined) database.run('DELETE FROM search_backlog WHERE log = ?', log);
  else database.run('UPDATE search_backlog SET next = ? WHERE log = ?', reached, log);
  return true;
}

/** What that log says since its texts were last indexed; a part of it where there is much. */
export function indexNewTexts(database: Database, log: number): void {
  const waiting = database.get<{ next: number }>('SELECT next FROM search_waiting WHERE log = ?', log);
  if (waiting !== undefined) indexWaiting(database, { log, ...waiting });
}

function indexWaiting(database: Database, { log, next }: { log: number; next: number }): void {
  const reached = indexPage(database, { next, last: (log + 1) * LOG_SPAN - 1 });
  if (reached === undefined) database.run('DELETE FROM search_waiting WHERE log = ?', log);
  else database.run('UPDATE search_waiting SET next = ? WHERE log = ?', reached, log);
}

/** Indexes the next events of a span; how far it came, or undefined at its end. */
function indexPage(database: Database, { next, last }: Pick<Behind, 'next' | 'last'>): number | undefined {
  const page = database.all<{ position: number; type: string; json: string }>(
    `SELECT position, type, json FROM events WHERE position > ? AND position <= ?
     AND type IN ('user_message', 'message_added', 'tool_call_response', 'shell') ORDER BY position LIMIT ${CHUNK}`,
    next,
    last,
  );
  for (const { position, type, json } of page) {
    const text = searchable(type, JSON.parse(json) as Record<string, unknown>);
    if (text !== undefined) database.run(INSERT, position, text);
  }
  return page.length < CHUNK ? undefined : page.at(-1)?.position;
}
