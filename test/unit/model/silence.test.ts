import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SILENT, SilenceWatch } from '../../../src/model/silence.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const never = new Promise<string>(() => {});
const after = <Value>(value: Value, milliseconds: number): Promise<Value> =>
  new Promise((resolve) => setTimeout(() => resolve(value), milliseconds));

test('a silence is told of once, and given up after its time', async () => {
  const watch = new SilenceWatch('the model', { silentAfter: 60, giveUpAfter: 240 });
  const first = watch.wait(never);
  await vi.advanceTimersByTimeAsync(60);
  expect(await first).toBe(SILENT);
  let told: unknown;
  const second = watch.wait(never).catch((error: unknown) => (told = error));
  await vi.advanceTimersByTimeAsync(179);
  expect(told).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  await second;
  expect(told).toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('the model sent nothing for'),
  });
  watch.close();
});

test('a byte ends a silence: the next one is told of anew, and time counts from it', async () => {
  const watch = new SilenceWatch('the model', { silentAfter: 60, giveUpAfter: 240 });
  for (let silence = 0; silence < 3; silence += 1) {
    const waiting = watch.wait(never);
    await vi.advanceTimersByTimeAsync(200);
    expect(await waiting).toBe(SILENT);
    watch.heard();
  }
  const soon = watch.wait(after('here', 50));
  await vi.advanceTimersByTimeAsync(50);
  expect(await soon).toBe('here');
  watch.close();
  expect(vi.getTimerCount()).toBe(0);
});
