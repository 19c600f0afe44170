import { expect, test } from 'vitest';
import { COMMANDS, commandOf, readCommand } from '../../../../src/cli/conversation/commands/table.ts';

test.each([
  ['/help', { name: 'help', argument: '' }],
  ['  /Model  openai/gpt-4o ', { name: 'model', argument: 'openai/gpt-4o' }],
  ['/compact keep\nthe names', { name: 'compact', argument: 'keep\nthe names' }],
  ['/usr/bin is broken', undefined],
  ['/', undefined],
  ['not /help', undefined],
])('%j', (line, expected) => {
  expect(readCommand(line)).toEqual(expected);
});

test('an unknown command names the nearest', () => {
  expect(() => commandOf('modle')).toThrow('there is no /modle; did you mean /model?');
  expect(() => commandOf('zzzzzz')).toThrow('there is no /zzzzzz; /help lists what there is');
  expect(commandOf('quit').name).toBe('exit');
});

test('all that the conversation promises is there', () => {
  const names = COMMANDS.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['help', 'new', 'model', 'agent', 'tools', 'sessions', 'compact', 'cost', 'exit']),
  );
  expect(new Set(names).size).toBe(names.length);
});
