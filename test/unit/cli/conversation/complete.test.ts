import { expect, test } from 'vitest';
import { complete, type CompletionSources } from '../../../../src/cli/conversation/complete.ts';
import { typed } from '../../../../src/cli/conversation/line-buffer.ts';

const sources: CompletionSources = {
  commands: async () => ['model', 'agent', 'new', 'help'],
  words: async (command) => (command === 'model' ? ['openai/gpt-4o', 'openai/gpt-5', 'default'] : []),
  files: async (folder) =>
    folder === '' ? ['src/', 'setup.ts', '.git/'] : folder === 'src/' ? ['main.ts'] : [],
};

test.each([
  ['/m', '/model ', []],
  ['/model op', '/model openai/gpt-', ['openai/gpt-4o', 'openai/gpt-5']],
  ['/model d', '/model default', []],
  ['look at @s', 'look at @s', ['setup.ts', 'src/']],
  ['look at @sr', 'look at @src/', []],
  ['@src/', '@src/main.ts ', []],
  ['@.', '@.git/', []],
] as const)('%s becomes %s', async (text, expected, choices) => {
  expect(await complete(typed(text), sources)).toEqual({ typed: typed(expected), choices });
});

test.each(['hello', 'mail a@b', '/nothing', '/agent x', '@none/', ''])(
  '%s has nothing to complete',
  async (text) => {
    expect(await complete(typed(text), sources)).toBeUndefined();
  },
);

test('what stands behind the cursor stays', async () => {
  expect(await complete({ text: '/he me', cursor: 3 }, sources)).toEqual({
    typed: { text: '/help  me', cursor: 6 },
    choices: [],
  });
});
