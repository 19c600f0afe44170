import { expect, test } from 'vitest';
import { readEnvFiles } from '../../../src/cli/flags/env-file.ts';

const read = (texts: Record<string, string>) =>
  readEnvFiles(Object.keys(texts), async (path) => Buffer.from(texts[path] ?? ''));

test('NAME=value lines, quoted over lines too; comments and empty lines are none; a later file wins', async () => {
  const first =
    "\ufeff# of mine\nA=1\r\n\n  export B = two words # why\nC=\"x\nnot=a name\n\"\nD='#'\nE=\nF=it's\n";
  expect(await read({ first, second: 'A=2\n' })).toEqual({
    A: '2',
    B: 'two words',
    C: 'x\nnot=a name\n',
    D: '#',
    E: '',
    F: "it's",
  });
});

test.each([
  ['sk-0123456789\n', 1],
  ['A=1\nC="x\ny"\nOPENAI_API_KEY sk-0123456789\n', 4],
  ['A=1\n2B=3', 2],
])('a line that is none is named, and not shown: %j', async (text, line) => {
  await expect(read({ 'keys.env': text })).rejects.toMatchObject({
    code: 'invalid_request',
    message: `--env-from-file: keys.env:${line}:1: this line is no NAME=value`,
  });
});
