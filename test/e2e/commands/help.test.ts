import { expect } from 'vitest';
import { eventsOf, played, test } from '../cli.ts';

test.concurrent('help, and the nearest of what was misspelt', async ({ place }) => {
  const help = await place.run(['help', 'run']);
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('--accept-edits');
  const flag = await place.run(['run', '--acept-edits', 'hi']);
  expect(flag.code).toBe(2);
  expect(flag.stderr).toContain('--accept-edits');
  const command = await place.run(['sesions', 'list']);
  expect(command.code).toBe(2);
  expect(command.stderr).toContain('did you mean "sessions"?');
  expect((await place.run(['permissions', 'lst'])).code).toBe(2);
});

test.concurrent('a listed session has a state, and one that is deleted is gone', async ({ place }) => {
  const words = await played(place, [{ text: 'Done.' }]);
  await place.run([...words, 'what it is about']);
  const [row] = eventsOf((await place.run(['sessions', 'list', '--json'])).stdout);
  expect(row).toMatchObject({ state: 'idle', title: 'what it is about', working_dir: place.work });
  const id = String(row?.['session_id']);
  const shown = await place.run(['sessions', 'show', id, '--json']);
  expect(eventsOf(shown.stdout).map((message) => message['role'])).toEqual(['user', 'assistant']);
  const log = eventsOf((await place.run(['sessions', 'log', '-1', '--json'])).stdout);
  expect(log.map(({ type }) => type).slice(0, 1)).toEqual(['settings_changed']);
  expect((await place.run(['sessions', 'delete', id])).code).toBe(0);
  expect((await place.run(['sessions', 'list', '--json'])).stdout).toBe('');
});
