import { expect, test } from 'vitest';

import { failure, newSession, sideDoor, temporaryStore } from './support.ts';

test('teams and texts are kept as first put, texts for their log alone', async () => {
  const store = await temporaryStore();
  await store.createSession(newSession('ses_1'));
  await store.createSession(newSession('ses_2'));
  await store.putTeam('d1', '{"a":1}');
  await store.putTeam('d1', 'other');
  expect([await store.team('d1'), await store.team('d2')]).toEqual(['{"a":1}', undefined]);
  await store.putContent('ses_1', 'd1', 'text\u0000 with anything 😀');
  await store.putContent('ses_1', 'd1', 'other');
  expect(await store.content('ses_1', 'd1')).toBe('text\u0000 with anything 😀');
  expect(await store.content('ses_2', 'd1')).toBeUndefined();
  expect((await failure(store.putContent('ses_9', 'd1', ''))).code).toBe('not_found');
});

test('a blob comes back byte for byte, in its own session alone', async () => {
  const store = await temporaryStore();
  await store.createSession(newSession('ses_1'));
  await store.createSession(newSession('ses_2'));
  const bytes = new Uint8Array([0, 255, 10, 13, 0]);
  const blob = { blob_id: 'b1', media_type: 'image/png', name: 'shot.png' };
  const put = await store.putBlob('ses_1', blob, bytes);
  expect(put).toEqual({ ...blob, size: 5, sha256: put.sha256 });
  expect(await store.blob('ses_1', 'b1')).toEqual({ ...put, bytes });
  expect(await store.blob('ses_2', 'b1')).toBeUndefined();
  expect((await failure(store.putBlob('ses_9', blob, bytes))).code).toBe('not_found');
  expect((await failure(store.putBlob('ses_1', blob, bytes))).code).toBe('store_failed');
});

test('an upload is kept once per key, flushed, without a name where it had none', async () => {
  const store = await temporaryStore();
  const upload = (upload_id: string) => ({
    upload_id,
    principal: 'ann',
    media_type: 'text/plain',
    name: undefined,
  });
  const claim = (upload_id: string) => ({
    principal: 'ann',
    operation: 'upload/create',
    key: 'k',
    request_digest: 'd',
    outcome: { upload_id },
  });
  const bytes = new TextEncoder().encode('hello');
  const first = await store.putUpload(upload('u1'), bytes, claim('u1'));
  expect(first).toEqual({
    ...upload('u1'),
    size: 5,
    sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
  });
  expect(await store.putUpload(upload('u2'), bytes, claim('u2'))).toEqual(first);
  expect(await store.upload('u1')).toEqual({ ...first, bytes });
  expect(await store.upload('u2')).toBeUndefined();
  expect(
    (await failure(store.putUpload(upload('u3'), bytes, { ...claim('u3'), request_digest: 'x' }))).code,
  ).toBe('idempotency_conflict');
});

test('recordings keep their order, per session', async () => {
  const store = await temporaryStore();
  await store.createSession(newSession('ses_1'));
  await store.createSession(newSession('ses_2'));
  for (const text of ['b', 'a', 'b']) {
    await store.addRecording('ses_1', text);
    await store.addRecording('ses_2', `${text}2`);
  }
  expect(await store.recordings('ses_1')).toEqual(['b', 'a', 'b']);
  expect(await store.recordings('ses_9')).toEqual([]);
  expect((await failure(store.addRecording('ses_9', 'x'))).code).toBe('not_found');
});

test('many reads and writes leave no statement open: the WAL shrinks again', async () => {
  const store = await temporaryStore();
  await store.createSession(newSession('ses_1'));
  const lease = await store.acquireLease('ses_1');
  const epoch = lease.kind === 'acquired' ? lease.epoch : 0;
  const text = 'x'.repeat(100_000);
  const side = sideDoor(store.path);
  for (let index = 0; index < 60; index += 1) {
    await store.append({ root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: { text } }] });
    await store.readEvents('ses_1', 0, 3);
    await store.sessions({ limit: 5, offset: 0 });
  }
  // Busy would be 1 if a reader of ours held an old snapshot.
  expect(side.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toEqual({ busy: 0, log: 0, checkpointed: 0 });
});
