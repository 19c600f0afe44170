import { describe, expect, test } from 'vitest';

import type { IdempotencyClaim } from '../../../src/protocol/store.ts';
import { drivenSession, failure, newInput, temporaryStore } from './support.ts';

const claim: IdempotencyClaim = {
  principal: 'admin',
  operation: 'session/steer',
  key: 'k1',
  request_digest: 'd1',
  outcome: { input_id: 'in_1', started_run: 'run_1' },
};

test('inputs are kept in order of arrival, across logs and reopening, until a step takes them', async () => {
  const store = await temporaryStore();
  const epoch = await drivenSession(store);
  await drivenSession(store, 'ses_2');
  expect(await store.sendInput(newInput('b'))).toEqual({ repeated: false, outcome: { input_id: 'b' } });
  await store.sendInput(newInput('x', { root_id: 'ses_2', session_id: 'ses_2' }));
  await store.sendInput(newInput('a', { kind: 'answer', session_id: 'child', by: 'ann' }));
  await store.append({ root_id: 'ses_1', epoch, events: [], taken: ['b'] });
  await store.sendInput(newInput('c'));
  await store.close();
  const again = await temporaryStore({ path: store.path });
  expect(await again.pendingInputs('ses_1')).toEqual([
    { ...newInput('a', { kind: 'answer', session_id: 'child', by: 'ann' }), position: 2 },
    { ...newInput('c'), position: 3 },
  ]);
  expect((await again.pendingInputs('ses_2')).map(({ position }) => position)).toEqual([1]);
});

test('an input for a session that is not there is not_found', async () => {
  const store = await temporaryStore();
  expect((await failure(store.sendInput(newInput('a')))).code).toBe('not_found');
  expect((await failure(store.pendingInputs('ses_1'))).code).toBe('not_found');
});

test.each([
  ['taken before', 'a'],
  ['never sent', 'z'],
  ['of another session', 'x'],
])('an input that was %s makes its step a conflict', async (_, input_id) => {
  const store = await temporaryStore();
  const epoch = await drivenSession(store);
  await drivenSession(store, 'ses_2');
  await store.sendInput(newInput('a'));
  await store.sendInput(newInput('b'));
  await store.sendInput(newInput('x', { root_id: 'ses_2', session_id: 'ses_2' }));
  await store.append({ root_id: 'ses_1', epoch, events: [], taken: ['a'] });
  const step = {
    root_id: 'ses_1',
    epoch,
    events: [{ type: 'input_taken', fields: {} }],
    taken: ['b', input_id],
  };
  expect((await failure(store.append(step))).code).toBe('conflict');
  expect((await store.pendingInputs('ses_1')).map((input) => input.input_id)).toEqual(['b']);
  expect(await store.head('ses_1')).toBe(1);
});

describe('a repeated key', () => {
  test('gets the first outcome and writes nothing, also after a restart and after the input was taken', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    expect(await store.sendInput(newInput('in_1', { idempotency: claim }))).toEqual({
      repeated: false,
      outcome: claim.outcome,
    });
    await store.append({ root_id: 'ses_1', epoch, events: [], taken: ['in_1'] });
    await store.close();
    const again = await temporaryStore({ path: store.path });
    const repeat = newInput('in_2', {
      idempotency: { ...claim, outcome: { input_id: 'in_2' } },
      require_idle: true,
    });
    expect(await again.sendInput(repeat)).toEqual({ repeated: true, outcome: claim.outcome });
    expect(await again.pendingInputs('ses_1')).toEqual([]);
    expect(await again.idempotent('admin', 'session/steer', 'k1')).toEqual({
      request_digest: 'd1',
      outcome: claim.outcome,
    });
  });

  test('with another request is idempotency_conflict; per principal and operation it is another key', async () => {
    const store = await temporaryStore();
    await drivenSession(store);
    await store.sendInput(newInput('in_1', { idempotency: claim }));
    const other = newInput('in_2', { idempotency: { ...claim, request_digest: 'd2' } });
    expect((await failure(store.sendInput(other))).code).toBe('idempotency_conflict');
    for (const [input_id, change] of [
      ['in_3', { principal: 'ann' }],
      ['in_4', { operation: 'session/run' }],
    ] as const) {
      expect(
        (await store.sendInput(newInput(input_id, { idempotency: { ...claim, ...change } }))).repeated,
      ).toBe(false);
    }
    expect(await store.idempotent('bob', 'session/steer', 'k1')).toBeUndefined();
  });

  test('of a refused input is free again', async () => {
    const store = await temporaryStore();
    await drivenSession(store);
    expect(
      (await failure(store.sendInput(newInput('in_1', { idempotency: claim, queue_cap: 0 })))).code,
    ).toBe('queue_full');
    expect(await store.idempotent('admin', 'session/steer', 'k1')).toBeUndefined();
    expect((await store.sendInput(newInput('in_1', { idempotency: claim }))).repeated).toBe(false);
  });
});

describe('conditions of acceptance', () => {
  test('a unique key is accepted once for ever; the second hears who was first', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    await drivenSession(store, 'ses_2');
    const answer = { kind: 'answer', unique_key: 'request_1' } as const;
    await store.sendInput(newInput('a', { ...answer, by: 'ann', payload: { decision: 'reject' } }));
    await store.append({ root_id: 'ses_1', epoch, events: [], taken: ['a'] });
    const error = await failure(store.sendInput(newInput('b', answer)));
    expect([error.code, error.details]).toEqual([
      'already_resolved',
      { payload: { decision: 'reject' }, by: 'ann', input_id: 'a' },
    ]);
    await store.sendInput(newInput('c', { ...answer, root_id: 'ses_2', session_id: 'ses_2' }));
  });

  test('a cap counts untaken rows of that kind and session', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const capped = (input_id: string, session_id = 'ses_1') =>
      store.sendInput(newInput(input_id, { queue_cap: 2, session_id }));
    await store.sendInput(newInput('other', { kind: 'follow_up' }));
    await capped('a');
    await capped('b');
    const refused = await failure(capped('c'));
    expect([refused.code, refused.details]).toEqual(['queue_full', { kind: 'steer', limit: 2, depth: 2 }]);
    await capped('d', 'child');
    await store.append({ root_id: 'ses_1', epoch, events: [], taken: ['a'] });
    await capped('e');
  });

  test('require_idle refuses while a run is active or waits to begin, naming it', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const run = (input_id: string, session_id = 'ses_1') =>
      store.sendInput(newInput(input_id, { kind: 'run', require_idle: true, session_id }));
    await run('a');
    const queued = await failure(run('b'));
    expect([queued.code, queued.details]).toEqual([
      'run_busy',
      { run_id: undefined, input_id: 'a', pid: process.pid },
    ]);
    await run('c', 'child');
    await store.append({
      root_id: 'ses_1',
      epoch,
      events: [],
      taken: ['a'],
      run_opened: { run_id: 'run_1', session_id: 'ses_1' },
    });
    const active = await failure(run('d'));
    expect([active.code, active.details]).toEqual([
      'run_busy',
      { run_id: 'run_1', input_id: undefined, pid: process.pid },
    ]);
    expect(active.message).toContain('run_1');
    await store.append({ root_id: 'ses_1', epoch, events: [], run_closed: 'run_1' });
    await run('e');
  });
});
