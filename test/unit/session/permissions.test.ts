import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { drivenSession, failure, newInput, scratch, temporaryStore } from './support.ts';
import { StoreProcess } from './store-process.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** A process without root's power over permissions: somebody else when we are root, else ourselves. */
async function ordinary(): Promise<StoreProcess> {
  const peer = new StoreProcess();
  if (isRoot) await peer.become(NOBODY);
  return peer;
}

function giveAway(...paths: string[]): void {
  if (isRoot) for (const path of paths) chownSync(path, NOBODY, NOBODY);
}

async function filledStore(): Promise<string> {
  const folder = scratch();
  giveAway(folder);
  const store = await temporaryStore({ path: join(folder, 'session.db') });
  await drivenSession(store);
  await store.close();
  giveAway(store.path, `${store.path}.hosts`);
  return store.path;
}

describe('a read-only store', () => {
  test.each([
    ['file', (path: string) => chmodSync(path, 0o400)],
    [
      'file and folder',
      (path: string) => {
        chmodSync(path, 0o400);
        chmodSync(dirname(path), 0o500);
      },
    ],
    ['folder', (path: string) => chmodSync(dirname(path), 0o500)],
  ])('(%s) can be looked at; opening it to write says what to do', async (_, protect) => {
    const path = await filledStore();
    protect(path);
    onTestFinished(() => chmodSync(dirname(path), 0o700));
    const reader = await ordinary();
    await reader.open({ path, readOnly: true });
    expect(
      (await reader.call('sessions', { limit: 5, offset: 0 })).map(({ session_id }) => session_id),
    ).toEqual(['ses_1']);
    expect((await reader.call('readEvents', 'ses_1', 0, 5)).length).toBe(1);
    const refused = await failure(reader.call('sendInput', newInput('a')));
    expect([refused.code, refused.message.includes('for reading only')]).toEqual(['store_failed', true]);
    const writer = await ordinary();
    const error = await failure(writer.open({ path }));
    expect([error.code, error.message]).toEqual([
      'store_failed',
      `the session store ${path} cannot be written because it or its folder is read-only; make both writable or name another store with --session-db`,
    ]);
  });

  test('whose WAL is not empty cannot be read in part: the error says so', async () => {
    const path = await filledStore();
    writeFileSync(`${path}-wal`, Buffer.alloc(5000, 1));
    giveAway(`${path}-wal`);
    chmodSync(dirname(path), 0o500);
    onTestFinished(() => chmodSync(dirname(path), 0o700));
    expect((await failure((await ordinary()).open({ path, readOnly: true }))).code).toBe('store_failed');
  });

  test('that may not even be read', async () => {
    const path = await filledStore();
    chmodSync(path, 0);
    for (const readOnly of [true, false]) {
      const error = await failure((await ordinary()).open({ path, readOnly }));
      expect([error.code, error.message.includes(path)]).toEqual(['store_failed', true]);
    }
  });
});

test('a store cannot be made in a folder without permission', async () => {
  const folder = scratch();
  const closed = join(folder, 'closed');
  mkdirSync(closed, { mode: 0o500 });
  giveAway(folder, closed);
  const error = await failure((await ordinary()).open({ path: join(closed, 'new', 'session.db') }));
  expect([error.code, error.message.includes('could not be made')]).toEqual(['store_failed', true]);
});

/** A disk of 400 KB; only root can mount one. */
function tinyDisk(): string | undefined {
  const folder = scratch();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

test('a full disk fails the commit whole, and what was acknowledged stays', async (context) => {
  const folder = tinyDisk();
  if (folder === undefined) return context.skip('a disk of its own can be mounted by root alone');
  const store = await temporaryStore({ path: join(folder, 'session.db') });
  const epoch = await drivenSession(store);
  const fields = { text: 'x'.repeat(20_000) };
  const step = (index: number) => ({
    root_id: 'ses_1',
    epoch,
    step_id: `s${index}`,
    events: [{ type: 'warning', fields }],
    taken: [`i${index}`],
  });
  let done = 0;
  const fill = async (): Promise<never> => {
    for (;;) {
      await store.sendInput(newInput(`i${done}`));
      await store.append(step(done));
      done += 1;
    }
  };
  const error = await failure(fill());
  expect([error.code, error.message]).toEqual([
    'store_failed',
    `the session store ${store.path} cannot grow because the disk is full; free some space, then resume the session`,
  ]);
  expect(done).toBeGreaterThan(2);
  expect((await store.readEvents('ses_1', 0, 500)).map(({ seq }) => seq)).toEqual(
    Array.from({ length: done + 1 }, (_, index) => index + 1),
  );
  expect((await store.pendingInputs('ses_1')).length).toBeLessThanOrEqual(1);
});
