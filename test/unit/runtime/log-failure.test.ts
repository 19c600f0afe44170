import { expect, test } from 'vitest';
import { YonderError } from '../../../src/protocol/errors.ts';
import type { Store } from '../../../src/protocol/store.ts';
import { followLog } from '../../../src/runtime/log/follow.ts';
import { SessionLog } from '../../../src/runtime/log/session-log.ts';
import { drivenSession, failure, temporaryStore } from '../session/support.ts';

async function logOver(change: (store: Store) => Partial<Store> = () => ({})): Promise<SessionLog> {
  const store = await temporaryStore();
  const epoch = await drivenSession(store);
  const log = new SessionLog({ ...store, ...change(store) }, 'ses_1');
  await log.catchUp();
  log.epoch = epoch;
  return log;
}

/** What a reader is told at the end. */
async function closing(log: SessionLog): Promise<unknown> {
  const events = [];
  for await (const event of followLog(log, { after: 0, follow: true, poll_ms: 10 })) events.push(event);
  return JSON.parse(events.at(-1)?.json ?? 'null');
}

test('a fault of ours in a drive is internal, to the caller and to the readers', async () => {
  const log = await logOver();
  const fault = new TypeError('cannot read a thing');
  const error = log.fail(fault);
  expect([error.code, error.cause]).toEqual(['internal', fault]);
  expect(await closing(log)).toEqual({
    type: 'stream_closing',
    reason: 'internal',
    message: 'cannot read a thing',
  });
});

test('what the store says or throws is a failure of the store', async () => {
  for (const thrown of [new YonderError('store_failed', 'the disk is full'), new Error('the disk is full')]) {
    const log = await logOver(() => ({ append: () => Promise.reject(thrown) }));
    expect((await failure(log.append({ events: [{ type: 'warning', fields: {} }] }))).code).toBe(
      'store_failed',
    );
    expect(await closing(log)).toEqual({
      type: 'stream_closing',
      reason: 'store_failed',
      message: 'the disk is full',
    });
  }
});

test('a store that cannot say its version has failed', async () => {
  const log = await logOver(() => ({
    dataVersion: () => {
      throw new Error('not open');
    },
  }));
  expect(log.dataVersion()).toBeUndefined();
  expect(log.failure?.code).toBe('store_failed');
});
