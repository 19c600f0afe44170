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

/** Puts what events say into the index, inside the transaction that appends them after `head`. */
export function indexEvents(
  database: Database,
  log: number,
  head: number,
  events: readonly EventDraft[],
): void {
  for (const [index, { type, fields }] of events.entries()) {
    const text = searchable(type, fields);
    if (text !== undefined) database.run(INSERT, log * LOG_SPAN + head + 1 + index, text);
  }
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

interface Backlog {
  log: number;
  next: number;
  last: number;
}

/** Indexes the next events of the newest log that is behind, in the caller's transaction; false when nothing is behind. */
export function catchUpIndex(database: Database): boolean {
  const behind = database.get<Backlog>(
    'SELECT log, next, last FROM search_backlog ORDER BY log DESC LIMIT 1',
  );
  if (behind === undefined) return false;
  const { log, next, last } = behind;
  if (next === log * LOG_SPAN) {
    const row = database.get<{ title: string }>('SELECT title FROM sessions WHERE log = ?', log);
    if (row !== undefined) indexTitle(database, log, row.title);
  }
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
  const reached = page.at(-1)?.position;
  if (page.length < CHUNK || reached === undefined)
    database.run('DELETE FROM search_backlog WHERE log = ?', log);
  else database.run('UPDATE search_backlog SET next = ? WHERE log = ?', reached, log);
  return true;
}
