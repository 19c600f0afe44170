import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startModelServer } from '../../../src/testing/model-server/server.ts';
import { eventsOf, livingOf, played, serverTeam, STACK, test, until } from '../cli.ts';

/** The command's stdout goes through a pipe whose reader reads one line and goes. */
const HEAD = ['bash', '-c', 'set -o pipefail; "$@" | head -1', 'head'];

test.concurrent.for([
  ['--help'],
  ['run', '--help'],
  ['schema'],
  ['models'],
  ['completion', 'bash'],
  ['version'],
])('a reader that goes away: yonder %s', async (words, { place }) => {
  const ended = await place.run(words, { through: HEAD });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout.split('\n')).toHaveLength(2);
});

test.concurrent.for([['--help'], ['version'], ['schema']])(
  'a full disk behind stdout: yonder %s',
  async (words, { place }) => {
    const ended = await place.run(words, { through: ['sh', '-c', 'exec "$@" > /dev/full', 'full'] });
    expect(ended).toMatchObject({ code: 1, stderr: 'yonder: stdout cannot be written (ENOSPC)\n' });
  },
);

test.concurrent('a run whose reader goes away: one interrupt, and all that happened is in the log', async ({
  place,
}) => {
  const words = await played(
    place,
    [{ tool_calls: [{ name: 'shell', arguments: { cmd: 'sleep 60' } }] }, { text: 'never said' }],
    { toolsets: ['shell'] },
  );
  const ended = await place.run([...words, '--json', '--yolo', 'hi'], { through: HEAD });
  expect(ended.code).toBe(130);
  expect(ended.stderr).not.toMatch(STACK);
  const log = eventsOf((await place.run(['sessions', 'log', '-1', '--json'])).stdout);
  expect(log.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'canceled' });
  expect(log.map((event) => event['seq'])).toEqual(log.map((_, index) => index + 1));
});

test.concurrent.for(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
  '%s ends the model call and the run in good order: 130',
  async (signal, { place }) => {
    const server = await startModelServer([{ text: 'Begun and then nothing', hang_after: 3 }]);
    try {
      await place.write('team.yaml', serverTeam(server.url));
      const running = place.start(['run', 'team.yaml', '--exec', 'hi'], {
        env: { SCRIPTED_KEY: 'key-of-a-test' },
      });
      await running.shows('Begun');
      const begun = performance.now();
      running.signal(signal);
      const ended = await running.finished;
      expect(performance.now() - begun).toBeLessThan(5000);
      expect(ended).toMatchObject({ code: 130, signal: null });
      expect(ended.stderr).toContain('go on: yonder run --session');
      expect(ended.stderr).not.toMatch(STACK);
    } finally {
      await server.close();
    }
  },
);

test.concurrent('SIGTERM ends the command of a tool and what it started', async ({ place }) => {
  const words = await played(
    place,
    [
      {
        tool_calls: [
          { name: 'shell', arguments: { cmd: 'echo $$ > pid; sleep 300 & echo begun >&2; wait' } },
        ],
      },
      { text: 'never said' },
    ],
    { toolsets: ['shell'] },
  );
  const running = place.start([...words, '--json', '--yolo', 'hi']);
  await running.shows('"tool_call_output"');
  running.signal('SIGTERM');
  const ended = await running.finished;
  expect(ended.code).toBe(130);
  const pid = Number(readFileSync(join(place.work, 'pid'), 'utf8'));
  expect(livingOf(pid)).toEqual([]);
  const response = eventsOf(ended.stdout).find(({ type }) => type === 'tool_call_response');
  expect(response).toMatchObject({ outcome: 'cancelled' });
});

test.concurrent('SIGTERM before the first event, while stdin is awaited', async ({ place }) => {
  const words = await played(place, [{ text: 'never said' }]);
  const running = place.start([...words, '--log-file', 'log', '-'], { stdin: null });
  // The store is opened after the command minds signals, and before it reads stdin.
  await until(() => existsSync(place.store));
  running.signal('SIGTERM');
  const ended = await running.finished;
  expect(ended).toMatchObject({ code: 130, stdout: '' });
  expect(ended.stderr).not.toMatch(STACK);
});

test.concurrent('the second signal ends the process at once, and the run can go on', async ({ place }) => {
  const words = await played(
    place,
    [
      {
        tool_calls: [
          { name: 'shell', arguments: { cmd: 'trap "" TERM INT; echo begun >&2; sleep 3; sleep 3' } },
        ],
      },
      { text: 'never said' },
    ],
    { toolsets: ['shell'] },
  );
  const running = place.start([...words, '--json', '--yolo', 'hi']);
  await running.shows('"tool_call_output"');
  running.signal('SIGINT');
  await running.shows('interrupting');
  running.signal('SIGINT');
  expect((await running.finished).code).toBe(130);
});

test.concurrent('an error shows its stack with --debug and not without', async ({ place }) => {
  const plain = await place.run(['run', 'nope.yaml', 'hi']);
  expect(plain.stderr).not.toMatch(STACK);
  const debug = await place.run(['run', 'nope.yaml', 'hi', '--debug']);
  expect(debug.code).toBe(2);
  expect(debug.stderr).toMatch(STACK);
});

test.concurrent('no colour where nobody looks, whatever FORCE_COLOR and NO_COLOR say', async ({ place }) => {
  const words = await played(place, [{ text: '**Bold** and `code`' }]);
  for (const env of [{ FORCE_COLOR: '3' }, { NO_COLOR: '1' }]) {
    const ended = await place.run([...words, 'hi'], { env });
    expect(ended.code).toBe(0);
    expect(ended.stdout + ended.stderr).not.toContain('\u001b');
  }
});
