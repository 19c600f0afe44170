import { expect, test } from 'vitest';

import { openStore } from '../../../src/session/index.ts';
import { MIGRATIONS } from '../../../src/session/schema.ts';
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
    `DELETE FROM search; INSERT INTO search_backlog SELECT log, log * ${span}, log * ${span} + 251 FROM sessions`,
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
