import { expect, test } from 'vitest';
import { nextRun } from '../../../../src/cli/conversation/next-run.ts';
import { bindRuntime, type Transport } from '../../../../src/protocol/backend.ts';
import { durable } from '../events.ts';

const queue = (steer: number) => ({
  steer: { depth: steer, capacity: 5 },
  followup: { depth: 0, capacity: 5 },
});
const idle = (as_of: number, steer = 0) => ({ active_run: undefined, queue: queue(steer), as_of });
const busy = (run_id: string) => ({ active_run: { run_id, here: true }, queue: queue(0), as_of: 9 });

/** A session that is found in these states, one after the other, with these events behind event 5. */
function runtimeOf(states: unknown[], events: ReturnType<typeof durable>[] = []) {
  return bindRuntime(
    {
      call: async () => states.shift(),
      async *follow(_name: string, _context: unknown, request: unknown) {
        expect(request).toMatchObject({ after: 5, follow: false });
        yield* events;
      },
    } as unknown as Transport,
    's',
  );
}

test.each([
  ['a run goes on', [busy('a')], [], 'a'],
  ['what was sent waits, and then its run begins', [idle(5, 1), idle(5, 1), busy('b')], [], 'b'],
  ['the row is gone and its run not seen yet', [idle(5), busy('c')], [], 'c'],
  ['nothing waits', [idle(5), idle(5)], [], undefined],
  [
    'its run is over already, and one of a sub-agent was in it',
    [idle(9)],
    [
      durable(6, 'stream_started', { session_id: 'child', run_id: 'x' }),
      durable(7, 'stream_started', { session_id: 's', run_id: 'd' }),
    ],
    'd',
  ],
  ['what came was no run', [idle(6), idle(6)], [durable(6, 'session_title', { title: 't' })], undefined],
] as const)('%s', async (_, states, events, run_id) => {
  expect(await nextRun(runtimeOf([...states], [...events]), 5)).toBe(run_id);
});
