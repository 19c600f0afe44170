import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { checkShown } from './check.ts';
import type { DriverProcess } from './driver-process.ts';
import { effect, oneAgent, turnOf } from './scenarios.ts';
import { openStage, type Stage } from './stage.ts';

interface Broken {
  stage: Stage;
  process: DriverProcess;
  session_id: string;
  run_id: string;
}

/** A run during whose first model call something happens to the store; then the model asks for an effect. */
async function breaking(harm: (data: string) => void, place?: string): Promise<Broken> {
  let data = '';
  let isWhole = true;
  const ask = turnOf('go', 0, { text: 'x'.repeat(60_000), delta_size: 20_000, tool_calls: [effect('one')] });
  const first = {
    ...ask,
    when: (request: Parameters<NonNullable<typeof ask.when>>[0]) => {
      if (isWhole) harm(data);
      isWhole = false;
      return ask.when?.(request) ?? false;
    },
  };
  const scenario = { team: oneAgent, safety: 'autonomous' as const };
  const stage = await openStage(
    { ...scenario, turns: [first, turnOf('go', 1, { text: 'Done.' })] },
    3,
    place,
  );
  data = stage.data;
  const process = stage.process({ patience_ms: 300 });
  const session_id = await stage.session(process);
  const run = await process.call('session/run', { session_id, messages: [{ content: 'go' }] });
  return { stage, process, session_id, run_id: String(run?.['run_id']) };
}

/** The run is told to have stopped, its effect did not happen, and no number was given that is not stored. */
async function expectStopped({ stage, process, run_id }: Broken, words: RegExp): Promise<void> {
  expect(await process.ended(run_id)).toBe(true);
  const closing = process.events.at(-1);
  expect(closing).toMatchObject({ type: 'stream_closing', reason: 'store_failed' });
  expect(String(closing?.['message'])).toMatch(words);
  expect(await stage.effects()).toEqual([]);
  expect(process.complaints).toBe('');
}

/** The same process goes on when the trouble is over, and the effect happens once. */
async function expectGoesOn({ stage, process, session_id, run_id }: Broken): Promise<void> {
  const before = [...process.events];
  const resumed = await process.call('session/create', {
    resume_session_id: session_id,
    safety: 'autonomous',
  });
  expect(resumed?.['recovered']).toMatchObject({ run_id });
  await process.call('session/events', { session_id, run_id });
  await process.shown('stream_stopped');
  const log = await stage.log(session_id);
  checkShown(before, log);
  expect(log.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  expect(await stage.effects()).toEqual(['one']);
  stage.model.assertValid();
}

/** A disk of its own; only root can mount one. */
async function ownDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'yonder-faults-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

function fill(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'filler'), new Uint8Array(bavail * bsize));
}

test('a disk that is full in the middle of a run stops it before the effect, and it goes on when there is room', async (context) => {
  const disk = await ownDisk();
  if (disk === undefined) return context.skip('a disk of its own can be mounted by root alone');
  const broken = await breaking(fill, disk);
  await expectStopped(broken, /the disk is full; free some space, then resume the session/);
  rmSync(join(disk, 'filler'));
  await expectGoesOn(broken);
});

test('a store that another process keeps locked stops the run before the effect, and it goes on afterwards', async () => {
  let lock: DatabaseSync | undefined;
  onTestFinished(() => lock?.close());
  const broken = await breaking((data) => {
    lock = new DatabaseSync(join(data, 'session.db'));
    lock.exec('BEGIN IMMEDIATE');
  });
  await expectStopped(broken, /is locked by .*; wait until it is done or end it, then try again/);
  lock?.exec('ROLLBACK');
  await expectGoesOn(broken);
});

test('a store that a newer version has changed is not written any more', async () => {
  const broken = await breaking((data) => {
    const newer = new DatabaseSync(join(data, 'session.db'));
    newer.exec('PRAGMA user_version = 9999');
    newer.close();
  });
  await expectStopped(broken, /now has schema 9999.*; end it and start the newer yonder/);
});

test('a store whose file is taken away stops the run before the effect', async () => {
  const broken = await breaking((data) => {
    for (const end of ['', '-wal', '-shm']) rmSync(join(data, `session.db${end}`), { force: true });
  });
  await expectStopped(broken, /session\.db/);
});
