import { expect, test } from 'vitest';
import { SEEN_AFTER } from '../../../../src/cli/terminal/ask.ts';
import { calls } from '../../../../src/testing/contract/support.ts';
import type { World } from '../../../../src/testing/contract/world.ts';
import { converse } from './stage.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string', title: 'Your name', description: 'As on the door', minLength: 2 },
    age: { type: 'integer', minimum: 0 },
    colour: { type: 'string', enum: ['red', 'green'], default: 'green' },
    days: { type: 'array', items: { enum: ['mon', 'tue'] } },
    sure: { type: 'boolean' },
  },
  required: ['name', 'colour', 'sure'],
};
const ask = (args: Record<string, unknown>) => calls('user_prompt', { message: 'Who are you?', ...args });
/** What the model was last told of a call; beside it a title may be asked for. */
const told = (world: World): unknown => {
  const messages = world.model.journal.map(({ body }) => (body['messages'] as Sent[]).at(-1));
  return JSON.parse(messages.findLast((message) => message?.role === 'tool')?.content ?? '');
};

interface Sent {
  role: string;
  content: string;
}

test('a form is asked field by field: bounds, choices, defaults, and what may be empty', async () => {
  const { world, io, say } = await converse({
    arm: 'local',
    toolsets: ['user_prompt'],
    turns: [ask({ title: 'You', schema: SCHEMA }), { text: 'Hello.' }],
  });
  say('go');
  await io.shows('You\nWho are you?\n');
  await io.shows('Your name (text, at least 2 characters)\n  As on the door\n');
  say('');
  await io.shows('Your name: it is required');
  say('A');
  await io.shows('Your name: its number of characters is below 2');
  say('Ada');
  await io.shows('age (whole number, at least 0, may be empty)');
  say('old');
  await io.shows('age: it takes a whole number');
  say('36');
  await io.shows('colour (one of these, by number or name)\n  1 red\n  2 green\n');
  await io.shows('colour [green]? ');
  say('3');
  await io.shows('colour: it takes one of "red", "green"');
  say('');
  await io.shows('days (any of these, by number or name, with commas between, may be empty)');
  say('1, TUE');
  await io.shows('sure (y or n)');
  say('y');
  await expect.poll(() => io.out()).toBe('Hello.\n');
  expect(told(world)).toEqual({
    action: 'accept',
    content: { name: 'Ada', age: 36, colour: 'green', days: ['mon', 'tue'], sure: true },
  });
});

test('a form is declined with a reason or canceled at any field', async () => {
  const { world, io, say } = await converse({
    arm: 'local',
    toolsets: ['user_prompt'],
    turns: [ask({ schema: SCHEMA }), ask({}), { text: 'Well.' }],
  });
  say('go');
  await io.shows('root asks\nWho are you?');
  say('/decline none of your business');
  await io.shows('Your answer (text)');
  expect(told(world)).toEqual({ action: 'decline', reason: 'none of your business' });
  say('/cancel');
  await expect.poll(() => io.out()).toBe('Well.\n');
  expect(told(world)).toEqual({ action: 'cancel' });
});

test('an address is shown and said to be opened', async () => {
  const { world, io, say } = await converse({
    arm: 'local',
    toolsets: ['user_prompt'],
    turns: [ask({ url: 'https://example.org/login' }), { text: 'In.' }],
  });
  say('go');
  await io.shows('  https://example.org/login\n[y]es, I have opened it');
  say('what');
  await io.shows('answer with y, n or c');
  say('yes');
  await expect.poll(() => io.out()).toBe('In.\n');
  expect(told(world)).toEqual({ action: 'accept' });
});

test('one key is an answer once the question was to be seen, and the Enter after it is no answer to the next', async () => {
  const touch = (name: string) => calls('shell', { cmd: `touch ${name}` });
  const { world, io, say } = await converse({
    arm: 'local',
    toolsets: ['shell', 'user_prompt'],
    turns: [touch('a'), ask({ schema: { type: 'string', default: 'nobody' } }), { text: 'Ok.' }],
  });
  let time = 0;
  Object.assign(io, { now: () => new Date(time) });
  say('go');
  await io.shows('[n]o with a reason');
  io.type('y');
  await io.shows('? y');
  expect(world.model.journal).toHaveLength(1);
  io.type('\u0015');
  time += SEEN_AFTER;
  io.type('y\r');
  await io.shows('response [nobody]? ');
  time += SEEN_AFTER;
  say('Ada');
  await expect.poll(() => io.out()).toBe('Ok.\n');
  expect(told(world)).toEqual({ action: 'accept', content: { response: 'Ada' } });
});
