import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished } from 'vitest';

import { YonderError } from '../../../src/protocol/errors.ts';
import type { NewInput, NewSession, Store } from '../../../src/protocol/store.ts';
import { openStore, type StoreOptions } from '../../../src/session/index.ts';

/** A folder of this test's own, gone after it. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'yonder-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that is closed after the test; in a folder of its own unless a path is given. */
export async function temporaryStore(options: Partial<StoreOptions> = {}): Promise<Store> {
  const path = options.path ?? join(scratch(), 'session.db');
  const store = await openStore({ ...options, path });
  onTestFinished(() => store.close());
  return store;
}

/** SQLite's own view of the file, beside the store. */
export function sideDoor(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}

export function newSession(session_id: string, row: Partial<NewSession['row']> = {}): NewSession {
  return {
    row: {
      session_id,
      principal: 'admin',
      title: '',
      agent_name: 'root',
      working_dir: '/work',
      team_digest: 'digest',
      created_at: '2026-01-01T00:00:00.000Z',
      starred: false,
      input_tokens: 0,
      output_tokens: 0,
      cost: 0,
      settings: { tools_approved: false },
      ...row,
    },
    events: [{ type: 'settings_changed', fields: { by: 'admin' } }],
  };
}

/** A new session that this store drives; returns the lease's epoch. */
export async function drivenSession(store: Store, session_id = 'ses_1'): Promise<number> {
  await store.createSession(newSession(session_id));
  const lease = await store.acquireLease(session_id);
  if (lease.kind !== 'acquired')
    throw new Error(`the lease of ${session_id} is held by process ${lease.lease.pid}`);
  return lease.epoch;
}

export function newInput(input_id: string, input: Partial<NewInput> = {}): NewInput {
  return {
    input_id,
    root_id: 'ses_1',
    session_id: 'ses_1',
    kind: 'steer',
    payload: { text: input_id },
    by: 'admin',
    created_at: '2026-01-01T00:00:00.000Z',
    ...input,
  };
}

/** The error that a call ends with; fails the test when there is none or one that is not ours. */
export async function failure(call: Promise<unknown>): Promise<YonderError> {
  try {
    await call;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(YonderError);
    if (thrown instanceof YonderError) return thrown;
  }
  throw new Error('the call did not fail');
}
