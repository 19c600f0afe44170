import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { played, test, until } from './cli.ts';

test('who looks on while the process of a run is killed hears how to go on, with exit 4', async ({
  place,
}) => {
  // The command outlives its process: it ends at its gate, at the latest when its folder goes.
  const cmd = 'touch begun; while [ -e begun ] && [ ! -e gate ]; do sleep 0.1; done; touch ended';
  const words = await played(place, [{ tool_calls: [{ name: 'shell', arguments: { cmd } }] }], {
    toolsets: ['shell'],
  });
  const owner = place.start([...words, '--yolo', 'go']);
  await until(() => existsSync(join(place.work, 'begun')));
  const follower = place.start(['run', '--session', '-1', '--exec']);
  await follower.shows(`goes on in process ${owner.child.pid}`);
  owner.signal('SIGKILL');
  const { code, stderr } = await follower.finished;
  await place.write('gate', '');
  await until(() => existsSync(join(place.work, 'ended')));
  expect(stderr).toMatch(/the stream ended: no process drives run \w+ any more/);
  expect(stderr).toMatch(/run \w+ did not end here; go on with: yonder run --session \w+\n$/);
  expect(code).toBe(4);
});
