import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';

import { openStore } from '../../../src/session/index.ts';
import { drivenSession, failure, newSession, temporaryStore } from './support.ts';

async function holder(path: string, how: 'shared' | 'exclusive'): Promise<ChildProcess> {
  const child = fork(new URL('./lock-child.ts', import.meta.url), [path, how]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

function named(child: ChildProcess): string {
  return process.platform === 'linux' ? `process ${child.pid}` : 'another process';
}

test('a store that another process keeps locked fails the write after the patience, naming it, with the event loop running', async () => {
  const store = await temporaryStore({ patience_ms: 600 });
  await drivenSession(store);
  const child = await holder(store.path, 'shared');
  const others = new AbortController();
  let turns = 0;
  const others_done = (async () => {
    while (!others.signal.aborted) {
      await delay(1);
      turns += 1;
    }
  })();
  const error = await failure(store.createSession(newSession('ses_2')));
  others.abort();
  await others_done;
  expect([error.code, error.retryable]).toEqual(['store_failed', true]);
  expect(error.message).toContain(`${store.path} is locked by ${named(child)};`);
  expect(turns).toBeGreaterThan(20);
  expect(await store.head('ses_1')).toBe(1);
});

test('a write waits for a lock and goes on when it is free', async () => {
  const store = await temporaryStore();
  const epoch = await drivenSession(store);
  const child = await holder(store.path, 'shared');
  const waiting = store.append({ root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: {} }] });
  child.send('let go');
  expect((await waiting).kind).toBe('appended');
  expect(await store.head('ses_1')).toBe(2);
});

test('a store that another process has for itself cannot be opened; it opens when that is over', async () => {
  const store = await temporaryStore();
  await store.close();
  const child = await holder(store.path, 'exclusive');
  for (const readOnly of [false, true]) {
    const error = await failure(openStore({ path: store.path, patience_ms: 100, readOnly }));
    expect(error.code).toBe('store_failed');
    expect(error.message).toContain(`is locked by ${named(child)};`);
  }
  const waiting = openStore({ path: store.path });
  child.send('let go');
  const opened = await waiting;
  await opened.close();
});
