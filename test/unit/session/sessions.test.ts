import { expect, test } from 'vitest';

import { drivenSession, failure, newInput, newSession, sideDoor, temporaryStore } from './support.ts';

/** A clock that goes on by a second with each look. */
function ticking(): () => Date {
  let time = Date.parse('2026-01-01T00:00:00.000Z');
  return () => new Date((time += 1000));
}

test('a new session has its row, its first events and the defaults of what it did not say', async () => {
  const store = await temporaryStore({ now: () => new Date('2026-01-03T00:00:00.000Z') });
  const made = await store.createSession(
    newSession('ses_1', { starred: true, settings: { nested: { a: [1] } } }),
  );
  expect(made.outcome).toEqual({ session_id: 'ses_1' });
  expect(made.repeated).toBe(false);
  expect(made.events).toEqual(await store.readEvents('ses_1', 0, 10));
  expect(await store.session('ses_1')).toEqual({
    ...newSession('ses_1', { starred: true, settings: { nested: { a: [1] } } }).row,
    served: false,
    updated_at: '2026-01-03T00:00:00.000Z',
    head_seq: 1,
    active_run: undefined,
    waiting: 0,
    num_messages: 0,
    first_message: '',
  });
  expect(await store.session('ses_2')).toBeUndefined();
});

test('creating with a repeated key makes one session', async () => {
  const store = await temporaryStore();
  const idempotency = {
    principal: 'admin',
    operation: 'session/create',
    key: 'k',
    request_digest: 'd',
    outcome: { session_id: 'ses_1' },
  };
  await store.createSession({ ...newSession('ses_1'), idempotency });
  const repeat = await store.createSession({
    ...newSession('ses_2'),
    idempotency: { ...idempotency, outcome: { session_id: 'ses_2' } },
  });
  expect(repeat).toEqual({ repeated: true, outcome: { session_id: 'ses_1' }, events: [] });
  const other = { ...newSession('ses_3'), idempotency: { ...idempotency, request_digest: 'other' } };
  expect((await failure(store.createSession(other))).code).toBe('idempotency_conflict');
  expect((await store.sessions({ limit: 10, offset: 0 })).map(({ session_id }) => session_id)).toEqual([
    'ses_1',
  ]);
});

test('sessions are listed newest change first, filtered, page by page', async () => {
  const store = await temporaryStore({ now: ticking() });
  await store.createSession(newSession('ses_a', { title: 'Fix the 100% test', working_dir: '/a' }));
  await store.createSession(newSession('ses_b', { principal: 'ann', starred: true }));
  await store.createSession(newSession('ses_c', { title: 'under_score' }));
  const lease = await store.acquireLease('ses_a');
  await store.append({
    root_id: 'ses_a',
    epoch: lease.kind === 'acquired' ? lease.epoch : 0,
    events: [],
    session: { first_message: 'Hello World' },
  });
  const ids = async (query: object): Promise<string[]> =>
    (await store.sessions({ limit: 10, offset: 0, ...query })).map(({ session_id }) => session_id);
  expect(await ids({})).toEqual(['ses_a', 'ses_c', 'ses_b']);
  expect(await ids({ limit: 1, offset: 1 })).toEqual(['ses_c']);
  expect(await ids({ principal: 'ann' })).toEqual(['ses_b']);
  expect(await ids({ starred: true })).toEqual(['ses_b']);
  expect(await ids({ starred: false })).toEqual(['ses_a', 'ses_c']);
  expect(await ids({ working_dir: '/a' })).toEqual(['ses_a']);
  expect(await ids({ query: 'hello w' })).toEqual(['ses_a']);
  expect(await ids({ query: '100% t' })).toEqual(['ses_a']);
  expect(await ids({ query: '%' })).toEqual(['ses_a']);
  expect(await ids({ query: '_' })).toEqual(['ses_c']);
  expect(await ids({ query: '\\' })).toEqual([]);
});

test('sessions of the same moment are listed newest first', async () => {
  const store = await temporaryStore({ now: () => new Date(0) });
  for (const id of ['ses_1', 'ses_3', 'ses_2']) await store.createSession(newSession(id));
  expect((await store.sessions({ limit: 9, offset: 0 })).map(({ session_id }) => session_id)).toEqual([
    'ses_2',
    'ses_3',
    'ses_1',
  ]);
});

test('a prefix finds sessions literally, newest first, at most 20', async () => {
  const store = await temporaryStore({ now: ticking() });
  for (let index = 10; index < 32; index += 1)
    await store.createSession(newSession(`ses_${index}`, { principal: index < 12 ? 'ann' : 'admin' }));
  const found = (await store.sessionsByPrefix('ses_')).map(({ session_id }) => session_id);
  expect([found.length, found.at(0), found.at(-1)]).toEqual([20, 'ses_31', 'ses_12']);
  expect((await store.sessionsByPrefix('ses_1', 'ann')).map(({ session_id }) => session_id)).toEqual([
    'ses_11',
    'ses_10',
  ]);
  for (const prefix of ['SES_1', 'ses%', 'ses\\', 'es_'])
    expect(await store.sessionsByPrefix(prefix)).toEqual([]);
});

test('a deletion leaves nothing of the session, and all of the others', async () => {
  const store = await temporaryStore();
  const fill = async (root_id: string): Promise<void> => {
    const epoch = await drivenSession(store, root_id);
    const idempotency = {
      principal: 'admin',
      operation: 'session/steer',
      key: root_id,
      request_digest: 'd',
      outcome: {},
    };
    await store.sendInput(
      newInput(`in_${root_id}`, { root_id, session_id: root_id, idempotency, unique_key: 'u' }),
    );
    await store.append({
      root_id,
      epoch,
      step_id: `step_${root_id}`,
      events: [{ type: 'user_message', fields: { message: 'find me' } }],
      run_opened: { run_id: `run_${root_id}`, session_id: root_id },
    });
    await store.putContent(root_id, 'digest', 'text');
    await store.putBlob(
      root_id,
      { blob_id: 'blob_1', media_type: 'text/plain', name: undefined },
      new Uint8Array([1]),
    );
    await store.addRecording(root_id, '{}');
  };
  await fill('ses_1');
  expect(await store.search({ query: 'find', limit: 1, offset: 0 })).toHaveLength(1);
  const database = sideDoor(store.path);
  const tables = database
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN ('search_data', 'search_idx')",
    )
    .all()
    .map(({ name }) => String(name));
  const counts = (): [string, unknown][] =>
    tables.map((name) => [name, database.prepare(`SELECT count(*) AS count FROM ${name}`).get()?.['count']]);
  const one = counts();
  expect(one.filter(([, count]) => count === 0).map(([name]) => name)).toEqual([
    'teams',
    'uploads',
    'copies',
    'search_backlog',
    'search_waiting',
  ]);
  await fill('ses_2');
  expect(await store.deleteSession('ses_2')).toBe(true);
  expect(counts()).toEqual(one);
  expect(await store.deleteSession('ses_2')).toBe(false);
  expect(await store.session('ses_2')).toBeUndefined();
  expect((await store.pendingInputs('ses_1')).length).toBe(1);
  expect((await store.readEvents('ses_1', 0, 9)).length).toBe(2);
});

test('a repeated deletion says what the first one said, for 24 hours', async () => {
  let time = Date.parse('2026-01-01T00:00:00.000Z');
  const store = await temporaryStore({ now: () => new Date(time) });
  const idempotency = {
    principal: 'admin',
    operation: 'session/delete',
    key: 'k',
    request_digest: 'd',
    outcome: {},
  };
  await store.createSession(newSession('ses_1'));
  expect(await store.deleteSession('ses_1', idempotency)).toBe(true);
  expect(await store.deleteSession('ses_1', idempotency)).toBe(true);
  time += 24 * 60 * 60 * 1000;
  expect(await store.idempotent('admin', 'session/delete', 'k')).toBeUndefined();
  expect(await store.deleteSession('ses_1', idempotency)).toBe(false);
});

test('work that servers left is what is open or waits in sessions that a server began', async () => {
  const store = await temporaryStore();
  await store.createSession(newSession('ses_idle', { served: true }));
  await store.createSession(newSession('ses_waits', { served: true }));
  await store.sendInput(newInput('inp_1', { root_id: 'ses_waits', session_id: 'ses_waits' }));
  const epoch = await drivenSession(store, 'ses_later');
  const session = { active_run: 'run_1' };
  await store.append({ root_id: 'ses_later', epoch, events: [], session });
  const ids = async (): Promise<string[]> => (await store.servedWork()).map((row) => row.session_id);
  expect(await ids()).toEqual(['ses_waits']);
  await store.append({ root_id: 'ses_later', epoch, events: [], session: { ...session, served: true } });
  expect(await ids()).toEqual(['ses_waits', 'ses_later']);
});
