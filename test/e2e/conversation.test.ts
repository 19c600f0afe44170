import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';
import { startModelServer } from '../../src/testing/model-server/server.ts';
import { eventsOf, type Scratch, scratch, serverTeam } from './cli.ts';
import { hasTmux, openTerminal, type Terminal } from './terminal.ts';

const call = (name: string, args: Record<string, unknown>): ScriptedTurn => ({
  tool_calls: [{ name, arguments: args }],
});
const TITLE: ScriptedTurn = {
  text: 'A title',
  when: ({ body }) => JSON.stringify(body).includes('Give this conversation a title'),
};

const NO_TMUX = 'there is no tmux here, and so no terminal';

/** A conversation of the built command with a scripted model. */
async function talk(place: Scratch, turns: ScriptedTurn[]): Promise<Terminal> {
  const server = await startModelServer([TITLE, ...turns]);
  onTestFinished(() => server.close());
  const extra = '    welcome_message: Welcome to **you**.';
  await place.write('team.yaml', serverTeam(server.url, { toolsets: ['filesystem', 'shell'], extra }));
  return openTerminal(place, ['team.yaml'], { SCRIPTED_KEY: 'key' });
}

test('on a real terminal: greeting, streamed text, questions, interrupt, cost, exit', async ({ skip }) => {
  skip(!hasTmux, NO_TMUX);
  const place = await scratch();
  await place.write('a.txt', 'one\ntwo\n');
  const terminal = await talk(place, [
    { text: '# Hello\n\nSome **bold** words.\n\n- one\n- two\n\nThe end is slow.', delay_ms: 40 },
    call('shell', { cmd: 'seq 1 60 > /dev/null; seq 1 60; touch made' }),
    call('edit_file', { path: 'a.txt', edits: [{ oldText: 'two', newText: 'zwei' }] }),
    { text: 'Both done.' },
    call('shell', { cmd: 'touch begun; sleep 60' }),
  ]);
  await terminal.shows('Welcome to you.');
  await terminal.shows(/root with mine\/scripted/);

  terminal.say('hello');
  await terminal.shows(/Hello\n\nSome bold words\./);
  await terminal.shows('Ctrl-C interrupts');
  await terminal.shows('The end is slow.');
  expect(terminal.coloured()).toMatch(/\u001b\[1m.*bold/);

  terminal.say('go');
  await terminal.shows('[n]o with a reason');
  await terminal.shows('waits for your answer');
  terminal.say('y');
  await terminal.shows(/✓ shell .* #1/);
  await terminal.shows('more lines: /show 1');
  expect(existsSync(join(place.work, 'made'))).toBe(true);
  await terminal.shows(/\+zwei/);
  await terminal.shows('[a]lways this here: always allow edit_file:path=a.txt');
  terminal.say('a');
  await terminal.shows('Both done.');
  await terminal.shows('from now on in');
  expect(readFileSync(join(place.work, 'a.txt'), 'utf8')).toBe('one\nzwei\n');
  expect(readFileSync(join(place.root, 'config', 'yonder', 'config.yaml'), 'utf8')).toContain(
    'edit_file:path=a.txt',
  );

  terminal.say('and sleep');
  await terminal.shows(/touch begun/);
  terminal.say('y');
  await terminal.shows(/● shell touch begun/);
  terminal.keys('C-c');
  await terminal.shows('interrupted: shell was cut');
  await expect.poll(() => terminal.screen(), { interval: 50 }).not.toContain('Ctrl-C interrupts');

  terminal.say('/cost');
  await terminal.shows(/tokens in, .* tokens out · /);
  terminal.say('/exit');
  await terminal.shows(/go on: yonder run --session \w+/);
  await terminal.shows('EXIT 0');
});

test('a line typed while it works is told to the model; leaving then is 130', async ({ skip }) => {
  skip(!hasTmux, NO_TMUX);
  const place = await scratch();
  const terminal = await talk(place, [{ text: 'slow '.repeat(400), delay_ms: 100 }]);
  await terminal.shows('Welcome to you.');
  terminal.say('go');
  await terminal.shows('slow slow');
  terminal.say('quick');
  await terminal.shows('1 queued');
  terminal.keys('C-d');
  await terminal.shows('interrupted: the model call was cut');
  await terminal.shows('EXIT 130');
});

test('a paste keeps its lines, and what was typed is there in the next session', async ({ skip }) => {
  skip(!hasTmux, NO_TMUX);
  const place = await scratch();
  const terminal = await talk(place, [{ text: 'Read.' }]);
  await terminal.shows('Welcome to you.');
  terminal.keys('-l', '\u001b[200~first\rsecond\u001b[201~');
  await terminal.shows(/> first\n {2}second/);
  terminal.keys('Enter');
  await terminal.shows('Read.');
  terminal.keys('C-d');
  await terminal.shows('EXIT 0');
  const again = openTerminal(place, ['run', '--continue'], { SCRIPTED_KEY: 'key' });
  await again.shows('Ctrl-D leaves');
  again.keys('Up');
  await again.shows(/> first\n {2}second/);
  again.keys('C-c');
  await again.shows('Ctrl-C again, or Ctrl-D, leaves');
  again.keys('C-c');
  await again.shows('EXIT 0');
});

test('Ctrl-C twice in a run ends the process with 130, and the interrupt holds', async ({ skip }) => {
  skip(!hasTmux, NO_TMUX);
  const place = await scratch();
  const terminal = await talk(place, [
    call('shell', { cmd: "trap '' TERM INT; touch begun; sleep 5; sleep 5" }),
  ]);
  await terminal.shows('Welcome to you.');
  terminal.say('go');
  await terminal.shows('[n]o with a reason');
  terminal.say('y');
  await expect.poll(() => existsSync(join(place.work, 'begun'))).toBe(true);
  terminal.keys('C-c');
  terminal.keys('C-c');
  await terminal.shows('EXIT 130');
  expect(terminal.screen()).toMatch(/go on: yonder run --session \w+/);
  const next = await place.run(['run', '--continue', '--exec', '--json'], { env: { SCRIPTED_KEY: 'key' } });
  expect(eventsOf(next.stdout).at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'canceled' });
  expect(next.code).toBe(130);
});
