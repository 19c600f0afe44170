import { expect, test } from 'vitest';
import { promptArguments } from '../../../src/cli/run/team-prompts.ts';

test('what is typed behind a prompt goes to its arguments, by name or in their order', () => {
  const prompt = {
    name: 'review',
    toolset: 'fix',
    arguments: [
      { name: 'file', required: true },
      { name: 'focus', required: false },
    ],
  };
  expect(promptArguments(prompt, ['a.ts', 'on', 'errors'])).toEqual({ file: 'a.ts', focus: 'on errors' });
  expect(promptArguments(prompt, ['focus=speed', 'a.ts'])).toEqual({ file: 'a.ts', focus: 'speed' });
  expect(promptArguments(prompt, ['a=b'])).toEqual({ file: 'a=b' });
  expect(promptArguments(prompt, [])).toEqual({});
  expect(promptArguments({ ...prompt, arguments: [] }, ['x'])).toEqual({});
});
