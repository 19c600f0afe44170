import { expect, test } from 'vitest';

import { openStore } from '../../../src/session/index.ts';
import { MIGRATIONS } from '../../../src/session/schema.ts';
import { StoreProcess } from './store-process.ts';
import { drivenSession, newSession, scratch, sideDoor, temporaryStore } from './support.ts';

const query = (text: string) => ({ query: text, limit: 20, offset: 0 });

test('what was there before the index is put into it in steps, and nothing of it twice', async () => {
  const path = `${scratch()}/session.db`;
  const later = await temporaryStore({ path });
  const epoch = await drivenSession(later);
  const said = Array.from({ length: 250 }, (_, index) => ({
    type: 'user_message',
    fields: { message: `walrus number${index}` },
  }));
  await later.append({ root_id: 'ses_1', epoch, events: said, session: { title: 'Sea lions' } });
  // As an older binary left it: no index, and the whole log still to be read.
  const side = sideDoor(path);
  const span = 2 ** 30;
  side.exec(
    `DELETE FROM search; DELETE FROM search_waiting; INSERT INTO search_backlog SELECT log, log * ${span}, log * ${span} + 251 FROM sessions`,
  );
  expect(await later.search(query('walrus'))).toEqual([]);
  // What comes meanwhile is found at once, and is not read again.
  await later.append({
    root_id: 'ses_1',
    epoch,
    events: [{ type: 'user_message', fields: { message: 'walrus new' } }],
  });
  expect((await later.search(query('walrus'))).map(({ matches }) => matches)).toEqual([1]);
  expect(await later.catchUpSearch(0)).toBe(1);
  expect(await later.catchUpSearch(10_000)).toBe(0);
  expect((await later.search(query('walrus'))).map(({ matches }) => matches)).toEqual([251]);
  expect((await later.search(query('lions')))[0]).toMatchObject({ where: 'title', matches: 1 });
  expect((await later.search(query('number249')))[0]).toMatchObject({ where: 'user', seq: 251 });
});

test('a store of the first schema is brought up to date with a backlog of all its sessions', async () => {
  const path = `${scratch()}/session.db`;
  const first = MIGRATIONS.slice(0, 1);
  await (await openStore({ path, migrations: first })).close();
  const side = sideDoor(path);
  side.exec(`INSERT INTO sessions(session_id, principal, title, agent_name, working_dir, team_digest, created_at, updated_at, starred,
    input_tokens, output_tokens, cost, settings) VALUES ('old', 'admin', 'Tusks', 'root', '/', 'd', '2026', '2026', 0, 0, 0, 0, '{}');
    INSERT INTO leases(root_id, log, epoch) VALUES ('old', 1, 0);
    INSERT INTO events VALUES (${2 ** 30 + 1}, 'user_message', '{"seq":1,"type":"user_message","message":"ivory"}')`);
  const store = await temporaryStore({ path });
  expect(await store.catchUpSearch(10_000)).toBe(0);
  expect((await store.search(query('ivory'))).map(({ row }) => row.session_id)).toEqual(['old']);
  expect((await store.search(query('tusk'))).map(({ where }) => where)).toEqual(['title']);
  await store.createSession(newSession('new', { title: 'Ivory' }));
  expect((await store.search(query('ivory'))).map(({ row }) => row.session_id)).toEqual(['new', 'old']);
});

/** Which positions are in the index, and how many logs wait. */
function indexed(path: string): [number[], number] {
  const side = sideDoor(path);
  const rows = side.prepare('SELECT rowid FROM search ORDER BY rowid').all();
  const waiting = side.prepare('SELECT log FROM search_waiting').all();
  return [rows.map(({ rowid }) => Number(rowid) % 2 ** 30), waiting.length];
}

const said = (message: string) => ({ type: 'user_message', fields: { message } });

test('a commit leaves the words of a text for later, and a search cuts them first', async () => {
  const store = await temporaryStore();
  const epoch = await drivenSession(store);
  const counts = { type: 'token_usage', fields: {} };
  await store.append({ root_id: 'ses_1', epoch, events: [counts] });
  expect(indexed(store.path)).toEqual([[], 0]);
  await store.append({ root_id: 'ses_1', epoch, events: [said('walrus one'), counts] });
  await store.append({ root_id: 'ses_1', epoch, events: [said('walrus two')] });
  expect(indexed(store.path)[1]).toBe(1);
  const found = async () => (await store.search(query('walrus'))).map(({ matches }) => matches);
  expect(await found()).toEqual([2]);
  expect(indexed(store.path)[1]).toBe(0);
  await store.append({ root_id: 'ses_1', epoch, events: [said('walrus three')] });
  expect(await found()).toEqual([3]);
  expect(indexed(store.path)[0]).toHaveLength(3);
});

test('what another process committed before it was killed is found; one that only looks says that it is behind', async () => {
  const other = new StoreProcess();
  const path = `${scratch()}/session.db`;
  await other.open({ path });
  await other.call('createSession', newSession('ses_1', { title: '' }));
  const lease = await other.call('acquireLease', 'ses_1');
  if (lease.kind !== 'acquired') throw new Error('somebody has it');
  const events = Array.from({ length: 230 }, (_, index) => said(`walrus number${index}`));
  await other.call('append', { root_id: 'ses_1', epoch: lease.epoch, events });
  await other.kill();
  const looking = await temporaryStore({ path, readOnly: true });
  expect(await looking.catchUpSearch(10_000)).toBe(1);
  expect(await looking.search(query('walrus'))).toEqual([]);
  const store = await temporaryStore({ path });
  expect((await store.search(query('walrus'))).map(({ matches }) => matches)).toEqual([230]);
  expect(await looking.catchUpSearch(0)).toBe(0);
  expect((await looking.search(query('number229'))).map(({ matches }) => matches)).toEqual([1]);
});

test('who lets go of a session leaves its texts in the index, of many the first', async () => {
  const store = await temporaryStore();
  const epoch = await drivenSession(store);
  await store.append({ root_id: 'ses_1', epoch, events: [said('walrus')] });
  await store.releaseLease('ses_1', epoch);
  const [positions, waiting] = indexed(store.path);
  expect([positions.length, waiting]).toEqual([1, 0]);
  const many = await drivenSession(store, 'ses_2');
  const events = Array.from({ length: 150 }, () => said('ferry'));
  await store.append({ root_id: 'ses_2', epoch: many, events });
  await store.releaseLease('ses_2', many);
  expect(indexed(store.path)[1]).toBe(1);
  expect((await store.search(query('ferry'))).map(({ matches }) => matches)).toEqual([150]);
});

test('a store of schema 3 goes on where its commits had cut the words themselves, and nothing is there twice', async () => {
  const path = `${scratch()}/session.db`;
  await (await openStore({ path, migrations: MIGRATIONS.slice(0, 3) })).close();
  const side = sideDoor(path);
  const span = 2 ** 30;
  const json = (seq: number) => JSON.stringify({ seq, type: 'user_message', message: `walrus number${seq}` });
  side.exec(`INSERT INTO sessions(session_id, principal, title, agent_name, working_dir, team_digest, created_at, updated_at, starred,
    input_tokens, output_tokens, cost, settings) VALUES ('old', 'admin', '', 'root', '/', 'd', '2026', '2026', 0, 0, 0, 0, '{}');
    INSERT INTO leases(root_id, log, epoch) VALUES ('old', 1, 0);
    INSERT INTO events VALUES ${[1, 2, 3].map((seq) => `(${span + seq}, 'user_message', '${json(seq)}')`).join(', ')};
    INSERT INTO search_backlog(log, next, last) VALUES (1, ${span}, ${span + 2});
    INSERT INTO search(rowid, body) VALUES (${span + 3}, 'walrus number3')`);
  side.close();
  const store = await temporaryStore({ path });
  const lease = await store.acquireLease('old');
  if (lease.kind !== 'acquired') throw new Error('somebody has it');
  await store.append({ root_id: 'old', epoch: lease.epoch, events: [said('walrus number4')] });
  expect((await store.search(query('walrus'))).map(({ matches }) => matches)).toEqual([2]);
  expect(await store.catchUpSearch(10_000)).toBe(0);
  expect((await store.search(query('walrus'))).map(({ matches }) => matches)).toEqual([4]);
  expect(indexed(path)).toEqual([[1, 2, 3, 4], 0]);
});
