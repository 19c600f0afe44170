import { describe, expect, test } from 'vitest';

import { drivenSession, failure, newInput, newSession, temporaryStore } from './support.ts';

const at = new Date('2026-02-03T04:05:06.789Z');
const now = (): Date => at;

describe('the text of an event', () => {
  test('is made once, with number, type and time first and undefined fields left out', async () => {
    const store = await temporaryStore({ now });
    const epoch = await drivenSession(store);
    const fields = { text: 'a"b\n', none: undefined, list: [1, null], flag: false };
    const result = await store.append({
      root_id: 'ses_1',
      epoch,
      events: [
        { type: 'warning', fields },
        { type: 'error', fields: {} },
      ],
    });
    const expected = [
      {
        seq: 2,
        type: 'warning',
        json: '{"seq":2,"type":"warning","timestamp":"2026-02-03T04:05:06.789Z","text":"a\\"b\\n","list":[1,null],"flag":false}',
      },
      { seq: 3, type: 'error', json: '{"seq":3,"type":"error","timestamp":"2026-02-03T04:05:06.789Z"}' },
    ];
    expect(result).toEqual({ kind: 'appended', events: expected });
    expect(await store.readEvents('ses_1', 1, 10)).toEqual(expected);
  });

  test.each(['seq', 'type', 'timestamp'])(
    'a draft with a field %s is refused, nothing is written',
    async (name) => {
      const store = await temporaryStore();
      const epoch = await drivenSession(store);
      const error = await failure(
        store.append({ root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: { [name]: 1 } }] }),
      );
      expect(error.code).toBe('internal');
      expect(await store.head('ses_1')).toBe(1);
    },
  );

  test('is at most 1 MiB of UTF-8', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const append = (text: string) =>
      store.append({ root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: { text } }] });
    expect((await failure(append('€'.repeat(350_000)))).code).toBe('payload_too_large');
    expect((await append('€'.repeat(349_000))).kind).toBe('appended');
    expect((await append('x'.repeat(1_048_000))).kind).toBe('appended');
    expect((await failure(append('x'.repeat(1_048_576)))).code).toBe('payload_too_large');
    expect(await store.head('ses_1')).toBe(3);
  });
});

describe('numbers', () => {
  test('are dense from 1 in each log, across reopening', async () => {
    const store = await temporaryStore();
    for (const root_id of ['ses_1', 'ses_2']) {
      const epoch = await drivenSession(store, root_id);
      await store.append({ root_id, epoch, events: [{ type: 'warning', fields: {} }] });
    }
    await store.close();
    const again = await temporaryStore({ path: store.path });
    const lease = await again.acquireLease('ses_1');
    expect(lease).toEqual({ kind: 'acquired', epoch: 2 });
    await again.append({ root_id: 'ses_1', epoch: 2, events: [{ type: 'error', fields: {} }] });
    expect((await again.readEvents('ses_1', 0, 500)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect((await again.readEvents('ses_2', 0, 500)).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await again.head('ses_1')).toBe(3);
  });

  test('a page has at most 500 events, from after the cursor', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const events = Array.from({ length: 1200 }, () => ({ type: 'warning', fields: {} }));
    await store.append({ root_id: 'ses_1', epoch, events });
    const page = await store.readEvents('ses_1', 600, 10_000);
    expect([page.length, page.at(0)?.seq, page.at(-1)?.seq]).toEqual([500, 601, 1100]);
    expect((await store.readEvents('ses_1', 1200, 3)).map(({ seq }) => seq)).toEqual([1201]);
    expect(await store.readEvents('ses_1', 1201, 3)).toEqual([]);
    expect(await store.readEvents('ses_1', 5000, 3)).toEqual([]);
  });

  test('a log that is not there is not_found', async () => {
    const store = await temporaryStore();
    expect((await failure(store.head('ses_9'))).code).toBe('not_found');
    expect((await failure(store.readEvents('ses_9', 0, 1))).code).toBe('not_found');
    expect((await failure(store.append({ root_id: 'ses_9', epoch: 1, events: [] }))).code).toBe('not_found');
  });
});

describe('a step', () => {
  test('appended twice returns its first events and changes nothing else', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const step = (text: string) => ({
      root_id: 'ses_1',
      epoch,
      step_id: 'run_1/1/model/0/1',
      events: [
        { type: 'warning', fields: { text } },
        { type: 'error', fields: {} },
      ],
      session: { title: text },
    });
    const first = await store.append(step('first'));
    await store.append({ root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: {} }] });
    const second = await store.append(step('second'));
    expect(second).toEqual({ kind: 'repeated', events: first.kind === 'appended' ? first.events : [] });
    expect(await store.head('ses_1')).toBe(4);
    expect((await store.session('ses_1'))?.title).toBe('first');
  });

  test('without events is known too', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const step = { root_id: 'ses_1', epoch, step_id: 'empty', events: [] };
    expect(await store.append(step)).toEqual({ kind: 'appended', events: [] });
    expect(await store.append(step)).toEqual({ kind: 'repeated', events: [] });
  });

  test('of an older epoch, or of a Host without the lease, is a conflict', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const other = await temporaryStore({ path: store.path });
    const append = (by: typeof store, of: number) =>
      by.append({ root_id: 'ses_1', epoch: of, events: [{ type: 'warning', fields: {} }] });
    expect((await failure(append(other, epoch))).code).toBe('conflict');
    expect((await failure(append(store, epoch - 1))).code).toBe('conflict');
    await store.releaseLease('ses_1', epoch);
    expect((await failure(append(store, epoch))).code).toBe('conflict');
    await other.acquireLease('ses_1');
    const error = await failure(append(store, epoch));
    expect([error.code, error.details]).toEqual(['conflict', { epoch: epoch + 1, pid: process.pid }]);
    expect(await store.head('ses_1')).toBe(1);
  });
});

test('what another handle did to a log is seen by the next append', async () => {
  const store = await temporaryStore();
  const epoch = await drivenSession(store);
  const step = { root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: {} }] };
  await store.append(step);
  const other = await temporaryStore({ path: store.path });
  await other.deleteSession('ses_1');
  expect((await failure(store.append(step))).code).toBe('not_found');
});

describe('a run', () => {
  test('opens with the next event and closes with the last of its step; only the root session has an active run', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const events = [{ type: 'stream_started', fields: {} }];
    await store.append({
      root_id: 'ses_1',
      epoch,
      events,
      run_opened: { run_id: 'run_1', session_id: 'ses_1' },
    });
    await store.append({
      root_id: 'ses_1',
      epoch,
      events,
      run_opened: { run_id: 'run_2', session_id: 'child' },
    });
    expect(await store.run('run_2')).toEqual({
      run_id: 'run_2',
      root_id: 'ses_1',
      session_id: 'child',
      first_seq: 3,
      last_seq: undefined,
    });
    expect((await store.session('ses_1'))?.active_run).toBe('run_1');
    await store.append({ root_id: 'ses_1', epoch, events, run_closed: 'run_2' });
    expect((await store.session('ses_1'))?.active_run).toBe('run_1');
    await store.append({ root_id: 'ses_1', epoch, events: [...events, ...events], run_closed: 'run_1' });
    expect(await store.run('run_1')).toEqual({
      run_id: 'run_1',
      root_id: 'ses_1',
      session_id: 'ses_1',
      first_seq: 2,
      last_seq: 6,
    });
    expect((await store.session('ses_1'))?.active_run).toBeUndefined();
    expect(await store.run('run_9')).toBeUndefined();
  });

  test('that is not open cannot be closed, and the whole step is undone', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const step = {
      root_id: 'ses_1',
      epoch,
      step_id: 'end',
      events: [{ type: 'stream_stopped', fields: {} }],
      run_closed: 'run_9',
    };
    expect((await failure(store.append(step))).code).toBe('conflict');
    expect(await store.head('ses_1')).toBe(1);
    expect((await store.append({ ...step, run_closed: undefined })).kind).toBe('appended');
  });

  test('ends only when no input waits, in one commit', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    await store.sendInput(newInput('in_1', { kind: 'follow_up' }));
    await store.sendInput(newInput('in_2', { kind: 'steer', session_id: 'child' }));
    const end = { root_id: 'ses_1', epoch, events: [{ type: 'stream_stopped', fields: {} }] };
    const waits = await store.append({ ...end, step_id: 'end', require_no_input: { session_id: 'ses_1' } });
    expect(waits.kind === 'input_waits' ? waits.inputs.map(({ input_id }) => input_id) : waits).toEqual([
      'in_1',
    ]);
    expect(await store.head('ses_1')).toBe(1);
    const other = await store.append({
      ...end,
      require_no_input: { session_id: 'ses_1', kinds: ['steer', 'answer'] },
    });
    expect(other.kind).toBe('appended');
    const taking = await store.append({
      ...end,
      step_id: 'end',
      taken: ['in_1'],
      require_no_input: { session_id: 'ses_1' },
    });
    expect(taking.kind).toBe('appended');
    expect((await store.pendingInputs('ses_1')).map(({ input_id }) => input_id)).toEqual(['in_2']);
  });
});

describe('a step and the session row', () => {
  test('changes what it names and the time of change, and nothing else', async () => {
    let time = Date.parse('2026-03-01T00:00:00.000Z');
    const store = await temporaryStore({ now: () => new Date((time += 1000)) });
    const epoch = await drivenSession(store);
    const before = await store.session('ses_1');
    await store.append({ root_id: 'ses_1', epoch, events: [{ type: 'warning', fields: {} }] });
    expect((await store.session('ses_1'))?.updated_at).toBe(before?.updated_at);
    const session = {
      title: 'New',
      starred: true,
      waiting: 2,
      cost: 0.25,
      settings: { safety: 'strict' },
      num_messages: undefined,
    };
    await store.append({ root_id: 'ses_1', epoch, events: [], session });
    const after = await store.session('ses_1');
    expect(after).toEqual({
      ...before,
      ...session,
      num_messages: 0,
      head_seq: 2,
      updated_at: after?.updated_at,
    });
    expect(after?.updated_at).not.toBe(before?.updated_at);
  });

  test('a field that no step may change is refused', async () => {
    const store = await temporaryStore();
    const epoch = await drivenSession(store);
    const session: object = { principal: 'other' };
    expect((await failure(store.append({ root_id: 'ses_1', epoch, events: [], session }))).code).toBe(
      'internal',
    );
    expect((await failure(store.createSession(newSession('ses_1')))).code).toBe('conflict');
  });
});
