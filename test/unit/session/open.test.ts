import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { openStore } from '../../../src/session/index.ts';
import { MIGRATIONS } from '../../../src/session/schema.ts';
import { StoreProcess } from './store-process.ts';
import {
  drivenSession,
  failure,
  newInput,
  newSession,
  scratch,
  sideDoor,
  temporaryStore,
} from './support.ts';

const LATEST = Math.max(...MIGRATIONS.map(({ version }) => version));

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** A store with one session, closed. */
async function closedStore(): Promise<string> {
  const store = await temporaryStore();
  await drivenSession(store);
  await store.close();
  return store.path;
}

describe('a new store', () => {
  test('is private, with the folders that it needs; a folder that was there keeps its mode', async () => {
    const shared = join(scratch(), 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o755);
    const path = join(shared, 'new', 'deep', 'session.db');
    const store = await temporaryStore({ path });
    await store.createSession(newSession('ses_1'));
    const modes = [
      shared,
      join(shared, 'new'),
      join(shared, 'new', 'deep'),
      path,
      `${path}-wal`,
      `${path}-shm`,
      `${path}.hosts`,
    ].map(mode);
    expect(modes).toEqual(['755', '700', '700', '600', '600', '600', '700']);
    expect(readdirSync(`${path}.hosts`).map((name) => mode(join(`${path}.hosts`, name)))).not.toContain(
      '644',
    );
  });

  test('keeps its lock files where it is told, under the id that it is given', async () => {
    const folder = scratch();
    const lock_dir = join(folder, 'locks');
    const store = await temporaryStore({ path: join(folder, 'session.db'), lock_dir, host_id: 'host_a' });
    expect(store.host_id).toBe('host_a');
    expect(readdirSync(lock_dir)).toContain('host_a.lock');
    expect((await failure(openStore({ path: store.path, lock_dir, host_id: 'host_a' }))).code).toBe(
      'conflict',
    );
  });

  test('in memory needs no file', async () => {
    const store = await temporaryStore({ path: ':memory:' });
    const epoch = await drivenSession(store);
    await store.append({ root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: {} }], flush: true });
    expect(await store.head('ses_1')).toBe(2);
    expect(existsSync(':memory:.hosts')).toBe(false);
  });

  test('is not made by a look: there are no sessions, and a write is refused', async () => {
    const path = join(scratch(), 'none', 'session.db');
    const store = await temporaryStore({ path, readOnly: true });
    expect(await store.sessions({ limit: 10, offset: 0 })).toEqual([]);
    expect((await failure(store.createSession(newSession('ses_1')))).code).toBe('store_failed');
    await store.close();
    expect(existsSync(join(path, '..'))).toBe(false);
  });
});

describe('opening is refused for', () => {
  test('a folder', async () => {
    const path = scratch();
    const error = await failure(openStore({ path }));
    expect([error.code, error.message]).toEqual([
      'store_failed',
      `the session store ${path} is a folder; name a file with --session-db`,
    ]);
  });

  // In a process of its own, because a hang would take the whole test run with it.
  test.runIf(process.platform === 'linux')('a parent that takes no folders', async () => {
    const store = new StoreProcess();
    const error = await failure(store.open({ path: '/proc/nothing/session.db' }));
    expect([error.code, error.message]).toEqual([
      'store_failed',
      "the session store /proc/nothing/session.db could not be made (ENOENT: no such file or directory, mkdir '/proc/nothing'); name another place with --session-db or --data-dir",
    ]);
  });

  test('a parent that is a link to nowhere', async () => {
    const link = join(scratch(), 'link');
    symlinkSync('/nowhere', link);
    const error = await failure(openStore({ path: join(link, 'session.db') }));
    expect([error.code, error.message]).toEqual([
      'store_failed',
      expect.stringContaining(`could not be made (EEXIST: file already exists, mkdir '${link}')`),
    ]);
  });

  test('a parent that is a file', async () => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    const error = await failure(openStore({ path: join(file, 'session.db') }));
    expect([error.code, error.message.includes(file)]).toEqual(['store_failed', true]);
  });

  test('a network file system, before anything is made', async () => {
    const path = join(scratch(), 'new', 'session.db');
    const error = await failure(openStore({ path, networkFilesystem: () => Promise.resolve('nfs') }));
    expect([error.code, error.details?.['filesystem']]).toEqual(['unsupported', 'nfs']);
    expect(error.message).toContain(path);
    expect(existsSync(join(path, '..'))).toBe(false);
  });

  test("another program's database, which is not touched", async () => {
    const path = join(scratch(), 'other.db');
    const other = sideDoor(path);
    other.exec('CREATE TABLE things(name TEXT)');
    other.close();
    const before = digest(path);
    for (const readOnly of [false, true])
      expect((await failure(openStore({ path, readOnly }))).message).toContain('another program');
    expect(digest(path)).toBe(before);
  });

  test('a newer schema, naming it, which is not touched', async () => {
    const path = await closedStore();
    const side = sideDoor(path);
    side.exec('PRAGMA user_version = 99');
    side.close();
    const before = digest(path);
    for (const readOnly of [false, true]) {
      const error = await failure(openStore({ path, readOnly }));
      expect([error.code, error.message.includes('schema 99'), error.retryable]).toEqual([
        'store_failed',
        true,
        false,
      ]);
    }
    expect(digest(path)).toBe(before);
  });
});

describe('a damaged store', () => {
  test.each([
    ['text', (path: string) => writeFileSync(path, 'this is no database, '.repeat(500))],
    ['a cut file', (path: string) => truncateSync(path, 5000)],
    ['a broken first page', (path: string) => writeFileSync(path, Buffer.alloc(4096, 7), { flag: 'r+' })],
    ['a few bytes', (path: string) => writeFileSync(path, 'x')],
  ])('(%s) is copied aside once, left as it is, and said', async (_, harm) => {
    const path = await closedStore();
    harm(path);
    const before = digest(path);
    for (const readOnly of [false, true, false]) {
      const error = await failure(openStore({ path, readOnly }));
      expect(error.code).toBe('store_failed');
      expect(error.message).toContain(`${path}.corrupt-`);
    }
    const copies = readdirSync(join(path, '..')).filter((name) => name.includes('.corrupt-'));
    expect(copies.length).toBe(1);
    expect(copies[0]).toMatch(/^session\.db\.corrupt-\d{8}T\d{6}Z$/u);
    expect([digest(join(path, '..', copies[0] ?? '')), digest(path)]).toEqual([before, before]);
  });

  test('that is met later fails the call and says so', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const text = 'x'.repeat(3000);
    for (let index = 0; index < 200; index += 1)
      await store.append({ root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: { text } }] });
    await store.close();
    const size = statSync(store.path).size;
    writeFileSync(
      store.path,
      Buffer.concat([readFileSync(store.path).subarray(0, size / 2), Buffer.alloc(size / 2, 5)]),
    );
    const again = await temporaryStore({ path: store.path, readOnly: true });
    const error = await failure(again.readEvents('ses_1', 0, 500));
    expect([error.code, error.message.includes('is damaged')]).toEqual(['store_failed', true]);
  });
});

test('a schema that changed under an open store stops its writes, not its reads', async () => {
  const store = await temporaryStore();
  const epoch = await drivenSession(store);
  sideDoor(store.path).exec(`PRAGMA user_version = ${LATEST + 1}`);
  const error = await failure(
    store.append({ root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: {} }] }),
  );
  expect([error.code, error.message.includes(`schema ${LATEST + 1}`), error.retryable]).toEqual([
    'store_failed',
    true,
    false,
  ]);
  expect((await failure(store.sendInput(newInput('a')))).code).toBe('store_failed');
  expect(await store.head('ses_1')).toBe(1);
  sideDoor(store.path).exec(`PRAGMA user_version = ${LATEST}`);
});

test('a store opened for reading sees what others write, and refuses to write', async () => {
  const store = await temporaryStore();
  const epoch = await drivenSession(store);
  const reader = await temporaryStore({ path: store.path, readOnly: true });
  const before = reader.dataVersion();
  await store.append({ root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: {} }] });
  expect(reader.dataVersion()).not.toBe(before);
  expect(await reader.head('ses_1')).toBe(2);
  expect((await reader.lease('ses_1'))?.alive).toBe(true);
  const error = await failure(reader.acquireLease('ses_1'));
  expect([error.code, error.message.includes('opened for reading only')]).toEqual(['store_failed', true]);
});
