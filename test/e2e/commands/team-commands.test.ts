import { expect } from 'vitest';
import { eventsOf, played, test } from '../cli.ts';

const COMMANDS = `    commands:
      look: 'Seen \${args[0]}: !shell(cmd="echo \${args[0]}")'`;

test('a command of the team in place of a message; what is no command is a message', async ({ place }) => {
  const flags = await played(place, [{ text: 'one' }, { text: 'two' }], {
    toolsets: ['shell'],
    extra: COMMANDS,
  });
  const { code, stdout } = await place.run([
    ...flags,
    '--fake-match',
    'order',
    '--json',
    '/look "a; b"',
    '/etc/hosts?',
  ]);
  expect(code).toBe(0);
  const events = eventsOf(stdout);
  expect(events.filter(({ type }) => type === 'user_message').map(({ message }) => message)).toEqual([
    'Seen a; b: a; b',
    '/etc/hosts?',
  ]);
  expect(events.find(({ type }) => type === 'tool_call')).toMatchObject({ source: 'command' });
  expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
});
