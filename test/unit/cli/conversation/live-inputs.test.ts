import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOCAL_CONTEXT } from '../../../../src/protocol/context.ts';
import { calls } from '../../../../src/testing/contract/support.ts';
import type { World } from '../../../../src/testing/contract/world.ts';
import { converse } from './stage.ts';

const WAITING = calls('shell', { cmd: 'while [ ! -e go ]; do sleep 0.05; done; echo went' });
const working = { arm: 'local', toolsets: ['shell'], request: { safety: 'autonomous' } } as const;
/** The last message of each request. */
const told = (world: World): unknown[] =>
  world.model.journal.map(({ body }) => (body['messages'] as { content: unknown }[]).at(-1)?.content);
const ESC = '\u001b';

test('/followup while it works is told when the model is done, and where nothing runs at once', async () => {
  const { world, io, say } = await converse({
    ...working,
    toolsets: ['shell'],
    turns: [WAITING, { text: 'first' }, { text: 'second' }, { text: 'third' }],
  });
  say('go');
  await io.shows('● shell');
  say('/followup then this');
  await io.shows('queued: the model is told when it is done');
  writeFileSync(join(world.folder, 'go'), '');
  await expect.poll(() => io.out()).toBe('first\nsecond\n');
  expect(told(world)).toContain('then this');
  say('/followup');
  await io.shows('/followup takes a text');
  say('/followup and that');
  await expect.poll(() => io.out()).toBe('first\nsecond\nthird\n');
  expect(told(world)).toContain('and that');
});

test('Esc interrupts the run, and what was queued is on the line again', async () => {
  const { io, say, drive } = await converse({
    ...working,
    toolsets: ['shell'],
    turns: [WAITING, { text: 'yes?' }],
  });
  say('go');
  await io.shows('● shell');
  const another = { messages: [{ content: 'of another process' }] };
  await drive.runtime.steer(LOCAL_CONTEXT, another);
  say('too late');
  await io.shows('queued');
  io.type(ESC);
  await io.shows('interrupted: shell was cut');
  await io.shows('not told to the model any more: too late\n');
  expect(io.err()).not.toContain('of another process');
  expect(drive.fold.outcome.ends.map(({ reason }) => reason)).toEqual(['canceled']);
  io.type('\r');
  await expect.poll(() => io.out()).toBe('yes?\n');
});

test('/pause holds the run and says so, in another window too; /pause again lets it go on', async () => {
  const { world, io, say, drive } = await converse({
    ...working,
    toolsets: ['shell'],
    turns: [WAITING, { text: 'on' }],
  });
  say('go');
  await io.shows('● shell');
  say('/pause');
  await io.shows('it holds at its next step');
  await io.shows('paused: /pause goes on');
  writeFileSync(join(world.folder, 'go'), '');
  await io.shows('waits for /pause to go on');
  expect(await drive.runtime.pause(LOCAL_CONTEXT, { paused: true })).toMatchObject({ was_paused: true });
  say('/pause');
  await io.shows('it goes on');
  await expect.poll(() => io.out()).toBe('on\n');
});

test('Ctrl-R finds what was typed before: older ones, taken on the line, sent, given up', async () => {
  const { world, io, say } = await converse({
    arm: 'local',
    turns: [{ text: 'one' }, { text: 'two' }, { text: 'three' }],
  });
  say('paint the door');
  await expect.poll(() => io.out()).toBe('one\n');
  say('paint the wall');
  await expect.poll(() => io.out()).toBe('one\ntwo\n');
  io.type('half \u0012PAINT');
  await io.shows('search "PAINT": paint the wall');
  io.type('\u0012');
  await io.shows('search "PAINT": paint the door');
  io.type('x');
  await io.shows('search "PAINTx" not found: ');
  io.type('\u007f\u0012\u0007');
  await io.shows('> half ');
  io.type('\u0015\u0012wall\t');
  await io.shows('> paint the wall');
  io.type(' again\r');
  await expect.poll(() => io.out()).toBe('one\ntwo\nthree\n');
  expect(told(world)).toContain('paint the wall again');
});

test('what the model thinks is shown dimmed and folded to a few lines', async () => {
  const { io, say } = await converse({
    arm: 'local',
    turns: [{ reasoning: 'alpha\nbeta\ngamma\ndelta\nepsilon\nzeta', text: 'Thought.' }],
    model: 'anthropic/claude-sonnet-4-5',
  });
  say('go');
  await expect.poll(() => io.out()).toBe('Thought.\n');
  await io.shows('  alpha\n');
  expect(io.err()).toMatch(/ {2}alpha\n[^]* {2}beta\n[^]* {2}gamma\n[^]* {2}… 3 more lines of thought\n/);
});
