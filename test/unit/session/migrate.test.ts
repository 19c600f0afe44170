import { expect, test } from 'vitest';

import { openStore } from '../../../src/session/index.ts';
import { APPLICATION_ID, type Migration, MIGRATIONS } from '../../../src/session/schema.ts';
import { drivenSession, failure, newSession, scratch, sideDoor, temporaryStore } from './support.ts';
import { StoreProcess } from './store-process.ts';

const LATEST = Math.max(...MIGRATIONS.map(({ version }) => version));
const NEXT: readonly Migration[] = [
  ...MIGRATIONS,
  {
    version: LATEST + 1,
    sql: `CREATE TABLE extra(name TEXT) STRICT; ALTER TABLE sessions ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey';`,
  },
];

test('the steps are numbered from 1 without a hole, and a fresh store has them all', async () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  const store = await temporaryStore();
  const side = sideDoor(store.path);
  expect(side.prepare('PRAGMA user_version').get()).toEqual({ user_version: LATEST });
  expect(side.prepare('PRAGMA application_id').get()).toEqual({ application_id: APPLICATION_ID });
  expect(side.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
});

test('a step only adds: what was there stays', async () => {
  const store = await temporaryStore();
  await drivenSession(store);
  const before = [await store.session('ses_1'), await store.readEvents('ses_1', 0, 9)];
  await store.close();
  const newer = await temporaryStore({ path: store.path, migrations: NEXT });
  expect([await newer.session('ses_1'), await newer.readEvents('ses_1', 0, 9)]).toEqual(before);
  await newer.createSession(newSession('ses_2'));
  expect(sideDoor(store.path).prepare('SELECT colour FROM sessions').all()).toEqual([
    { colour: 'grey' },
    { colour: 'grey' },
  ]);
  await newer.close();
  expect((await failure(openStore({ path: store.path }))).message).toContain(`schema ${LATEST + 1}`);
});

test('a step that fails leaves the store at its old schema', async () => {
  const store = await temporaryStore();
  await store.close();
  const broken = [...NEXT, { version: LATEST + 2, sql: 'CREATE TABLE extra(name TEXT)' }];
  expect((await failure(openStore({ path: store.path, migrations: broken }))).code).toBe('store_failed');
  const again = await temporaryStore({ path: store.path });
  await again.createSession(newSession('ses_1'));
});

test('a living Host of the older schema forbids the step, naming it; a dead one does not', async () => {
  const older = new StoreProcess();
  const path = `${scratch()}/session.db`;
  await older.open({ path });
  const error = await failure(openStore({ path, migrations: NEXT }));
  expect([error.code, error.details]).toEqual(['conflict', { pid: older.pid, schema_version: LATEST }]);
  expect(error.message).toContain(`process ${older.pid}`);
  await older.call('createSession', newSession('ses_1'));
  await older.kill();
  const newer = await temporaryStore({ path, migrations: NEXT });
  expect((await newer.session('ses_1'))?.session_id).toBe('ses_1');
});

test('a look at an older schema brings it up to date, where the store can be written', async () => {
  const store = await temporaryStore();
  await store.createSession(newSession('ses_1'));
  await store.close();
  const looking = await temporaryStore({ path: store.path, readOnly: true, migrations: NEXT });
  expect((await looking.session('ses_1'))?.session_id).toBe('ses_1');
  expect((await failure(looking.createSession(newSession('ses_2')))).message).toContain('for reading only');
});

test('a look at an older schema that a living Host uses says which process that is', async () => {
  const older = new StoreProcess();
  const path = `${scratch()}/session.db`;
  await older.open({ path });
  const error = await failure(openStore({ path, readOnly: true, migrations: NEXT }));
  expect([error.code, error.details?.['pid']]).toEqual(['conflict', older.pid]);
  await older.kill();
});

test('several processes that make the same store at once agree on one', async () => {
  const path = `${scratch()}/session.db`;
  const processes = [new StoreProcess(), new StoreProcess(), new StoreProcess()];
  await Promise.all(processes.map((peer) => peer.open({ path })));
  await Promise.all(processes.map((peer, index) => peer.call('createSession', newSession(`ses_${index}`))));
  const store = await temporaryStore({ path });
  expect((await store.sessions({ limit: 9, offset: 0 })).length).toBe(3);
});
