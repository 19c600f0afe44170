import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { failure, newInput, newSession, scratch, sideDoor, temporaryStore } from './support.ts';
import { StoreProcess } from './store-process.ts';

const event = { type: 'warning', fields: {} };

describe('a lease', () => {
  test('is this Host again with the same epoch, another only after release, and then with a higher one', async () => {
    const now = (): Date => new Date('2026-01-02T00:00:00.000Z');
    const store = await temporaryStore({ now });
    const other = await temporaryStore({ path: store.path });
    await store.createSession(newSession('ses_1'));
    expect(await store.lease('ses_1')).toBeUndefined();
    expect(await store.acquireLease('ses_1')).toEqual({ kind: 'acquired', epoch: 1 });
    expect(await store.acquireLease('ses_1')).toEqual({ kind: 'acquired', epoch: 1 });
    const lease = {
      root_id: 'ses_1',
      host_id: store.host_id,
      epoch: 1,
      pid: process.pid,
      acquired_at: '2026-01-02T00:00:00.000Z',
    };
    expect(await other.acquireLease('ses_1')).toEqual({ kind: 'held', lease });
    expect(await other.lease('ses_1')).toEqual({ lease, alive: true });
    await other.releaseLease('ses_1', 1);
    await store.releaseLease('ses_1', 0);
    expect((await other.acquireLease('ses_1')).kind).toBe('held');
    await store.releaseLease('ses_1', 1);
    expect(await other.acquireLease('ses_1')).toEqual({ kind: 'acquired', epoch: 2 });
  });

  test('of a session that is not there is not_found; releasing it is nothing', async () => {
    const store = await temporaryStore();
    expect((await failure(store.acquireLease('ses_9'))).code).toBe('not_found');
    expect(await store.lease('ses_9')).toBeUndefined();
    await store.releaseLease('ses_9', 1);
  });

  test('is given back by close', async () => {
    const store = await temporaryStore();
    const other = await temporaryStore({ path: store.path });
    await store.createSession(newSession('ses_1'));
    await store.acquireLease('ses_1');
    await store.close();
    await store.close();
    expect(await other.lease('ses_1')).toBeUndefined();
    expect(await other.acquireLease('ses_1')).toEqual({ kind: 'acquired', epoch: 2 });
    expect((await failure(store.head('ses_1'))).message).toContain('was closed');
  });
});

describe('with several processes', () => {
  test('a stopped owner is alive and goes on; a killed one is dead at once, and its epoch ends', async () => {
    const store = await temporaryStore();
    await store.createSession(newSession('ses_1'));
    const owner = new StoreProcess();
    await owner.open({ path: store.path });
    expect(await owner.call('acquireLease', 'ses_1')).toEqual({ kind: 'acquired', epoch: 1 });
    owner.signal('SIGSTOP');
    const held = await store.acquireLease('ses_1');
    expect(held.kind === 'held' && held.lease.pid).toBe(owner.pid);
    expect((await store.lease('ses_1'))?.alive).toBe(true);
    await store.sendInput(newInput('in_1'));
    owner.signal('SIGCONT');
    const step = { root_id: 'ses_1', epoch: 1, step_id: 'a', events: [event], taken: ['in_1'] };
    expect((await owner.call('append', step)).kind).toBe('appended');
    await owner.kill();
    expect((await store.lease('ses_1'))?.alive).toBe(false);
    expect(await store.acquireLease('ses_1')).toEqual({ kind: 'acquired', epoch: 2 });
    expect((await store.append({ ...step, epoch: 2 })).kind).toBe('repeated');
    expect((await failure(store.append({ ...step, epoch: 1 }))).code).toBe('conflict');
    expect((await store.readEvents('ses_1', 0, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('what a killed Host left is cleared away at the next opening, what lives is not', async () => {
    const store = await temporaryStore();
    const killed = new StoreProcess();
    const killedId = await killed.open({ path: store.path });
    const folder = `${store.path}.hosts`;
    const locks = (): string[] =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.lock') || name.startsWith(String(killedId)))
        .toSorted();
    expect(existsSync(join(folder, `${String(killedId)}.lock`))).toBe(true);
    await killed.kill();
    const next = await temporaryStore({ path: store.path });
    expect(locks()).toEqual([store.host_id, next.host_id].map((id) => `${id}.lock`).toSorted());
    const hosts = sideDoor(store.path).prepare('SELECT host_id, pid FROM hosts ORDER BY host_id').all();
    expect(hosts.map(({ host_id }) => host_id)).toEqual([store.host_id, next.host_id].toSorted());
    await next.close();
    await store.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('two of them appending in turns keep one dense log', async () => {
    const path = join(scratch(), 'session.db');
    const store = await temporaryStore({ path });
    await store.createSession(newSession('ses_1'));
    const processes = [new StoreProcess(), new StoreProcess()];
    await Promise.all(processes.map((peer) => peer.open({ path })));
    const drive = async (peer: StoreProcess, name: string): Promise<void> => {
      for (let done = 0; done < 20;) {
        const lease = await peer.call('acquireLease', 'ses_1');
        if (lease.kind === 'held') continue;
        const { epoch } = lease;
        await peer.call('append', {
          root_id: 'ses_1',
          epoch,
          step_id: `${name}/${done}`,
          events: [event, event],
          flush: done % 5 === 0,
        });
        await peer.call('releaseLease', 'ses_1', epoch);
        done += 1;
      }
    };
    await Promise.all(processes.map((peer, index) => drive(peer, `p${index}`)));
    const events = await store.readEvents('ses_1', 0, 500);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 81 }, (_, index) => index + 1));
    expect(events.every(({ seq, json }) => json.startsWith(`{"seq":${seq},`))).toBe(true);
  });

  test('two logs are written by two processes at once', async () => {
    const path = join(scratch(), 'session.db');
    const store = await temporaryStore({ path });
    const drive = async (root_id: string): Promise<void> => {
      await store.createSession(newSession(root_id));
      const peer = new StoreProcess();
      await peer.open({ path });
      await peer.call('acquireLease', root_id);
      await Promise.all(
        Array.from({ length: 60 }, () => peer.call('append', { root_id, epoch: 1, events: [event] })),
      );
    };
    await Promise.all(['ses_1', 'ses_2'].map(drive));
    for (const root_id of ['ses_1', 'ses_2']) {
      const events = await store.readEvents(root_id, 0, 500);
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
    }
  });

  test('a commit of another process changes the data version, one of our own does not', async () => {
    const store = await temporaryStore();
    await store.createSession(newSession('ses_1'));
    const before = store.dataVersion();
    await store.acquireLease('ses_1');
    expect(store.dataVersion()).toBe(before);
    const other = await temporaryStore({ path: store.path });
    await other.sendInput(newInput('in_1'));
    expect(store.dataVersion()).not.toBe(before);
  });
});
