import { expect, onTestFinished, test } from 'vitest';
import { Drive } from '../../../src/runtime/host/drive.ts';
import { emptyLog } from './session-log.ts';

async function driven(isDriven: () => boolean = () => false) {
  const done: string[] = [];
  const closing = new AbortController();
  let work = Promise.resolve();
  const drive = new Drive({
    log: await emptyLog(),
    poll_ms: 1_000,
    closing: closing.signal,
    look: async () => void done.push('look'),
    isDriven,
    changed: () => new Promise(() => undefined),
    wakeWaiters: () => undefined,
    work: async (recover) => {
      done.push(recover ? 'recover' : 'work');
      await work;
    },
    broken: (thrown) => Promise.reject(thrown),
    failed: () => undefined,
    idle: async () => void done.push('idle'),
  });
  onTestFinished(() => closing.abort());
  return { drive, done, hold: (until: Promise<void>): void => void (work = until) };
}

test('what comes while something is done in the place of a drive is taken after it', async () => {
  const { drive, done } = await driven();
  const gate = Promise.withResolvers<void>();
  const acted = drive.inPlaceOf(async () => {
    done.push('act');
    await gate.promise;
    done.push('acted');
    return { result: 'yes', drive: false };
  });
  drive.wake();
  const second = drive.inPlaceOf(async () => {
    done.push('second');
    return { result: 'too', drive: true };
  });
  gate.resolve();
  expect(await acted).toBe('yes');
  expect(await second).toBe('too');
  await drive.ended();
  expect(done).toEqual(['act', 'look', 'acted', 'work', 'idle', 'second', 'recover', 'idle']);
});

test('an act that fails leaves what came meanwhile to a drive, and lets others act', async () => {
  const { drive, done } = await driven();
  const failed = drive.inPlaceOf(async () => Promise.reject(new Error('no')));
  drive.wake();
  await expect(failed).rejects.toThrow('no');
  await drive.ended();
  expect(done).toEqual(['look', 'work', 'idle']);
  expect(await drive.inPlaceOf(async () => ({ result: 1, drive: false }))).toBe(1);
});

test('nothing is done in the place of a drive that has a run', async () => {
  const { drive, done, hold } = await driven(() => true);
  const gate = Promise.withResolvers<void>();
  hold(gate.promise);
  const ended = drive.drive();
  expect(await drive.inPlaceOf(async () => ({ result: 1, drive: false }))).toBe(undefined);
  gate.resolve();
  await ended;
  expect(done).toEqual(['work', 'idle']);
});
