import type { SQLInputValue } from 'node:sqlite';

import { YonderError } from '../protocol/errors.ts';
import type { SessionPatch, SessionRow } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { LOG_SPAN } from './schema.ts';
import { indexTitle } from './search-index.ts';

/** The columns of a session as `SessionRow` has them; `head_seq` is read from the log itself. */
export const SESSION_COLUMNS = `session_id, principal, title, agent_name, working_dir, team_digest, created_at, updated_at, starred,
  active_run, served, waiting, input_tokens, output_tokens, cost, num_messages, first_message, settings, coalesce((
    SELECT max(position) FROM events WHERE position >= log * ${LOG_SPAN} AND position < (log + 1) * ${LOG_SPAN}
  ), 0) % ${LOG_SPAN} AS head_seq`;

export type SessionRecord = Omit<SessionRow, 'starred' | 'active_run' | 'served' | 'settings'> & {
  starred: number;
  served: number;
  active_run: string | null;
  settings: string;
};

export function toSessionRow(record: SessionRecord): SessionRow {
  return {
    ...record,
    starred: record.starred === 1,
    served: record.served === 1,
    active_run: record.active_run ?? undefined,
    settings: JSON.parse(record.settings) as Record<string, unknown>,
  };
}

/** What a patch may change; the record is complete, so the compiler finds what a new field misses. */
const PATCH_FIELDS: Record<keyof SessionPatch, true> = {
  title: true,
  agent_name: true,
  working_dir: true,
  team_digest: true,
  starred: true,
  active_run: true,
  served: true,
  waiting: true,
  input_tokens: true,
  output_tokens: true,
  cost: true,
  num_messages: true,
  first_message: true,
  settings: true,
};

function toColumn(value: SessionPatch[keyof SessionPatch]): SQLInputValue {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

/** Changes a session's row and its `updated_at`. A field that is `undefined` stays, but `active_run`, where it means none. */
export function patchSession(database: Database, log: number, patch: SessionPatch, timestamp: string): void {
  const columns = ['updated_at'];
  const values: SQLInputValue[] = [timestamp];
  for (const [name, value] of Object.entries(patch)) {
    if (!Object.hasOwn(PATCH_FIELDS, name))
      throw new YonderError('internal', `a session has no field ${name} that a step may change`);
    if (value === undefined && name !== 'active_run') continue;
    columns.push(name);
    values.push(toColumn(value));
  }
  const assignments = columns.map((column) => `${column} = ?`).join(', ');
  database.run(`UPDATE sessions SET ${assignments} WHERE log = ?`, ...values, log);
  if (patch.title !== undefined) indexTitle(database, log, patch.title);
}
