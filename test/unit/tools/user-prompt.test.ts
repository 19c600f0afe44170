import { expect, test } from 'vitest';
import { bench } from './support.ts';

test('the answer reaches the model as JSON, and a schema of one value is asked for as a form', async () => {
  const { run, asked } = await bench();
  expect(await run('user_prompt', { message: 'Which?', schema: { enum: ['red', 'blue'] } })).toEqual({
    output: '{"action":"accept","content":{"response":"blue"}}',
  });
  expect(asked).toEqual([
    {
      message: 'Which?',
      schema: {
        type: 'object',
        properties: { response: { enum: ['red', 'blue'] } },
        required: ['response'],
      },
    },
  ]);
});

test.each([
  [{ message: 'Go', url: 'https://example.org', schema: { type: 'string' } }, /either `schema` or `url`/],
  [{ message: 'Go', url: 'javascript:alert(1)' }, /no http or https address/],
  [
    { message: 'Go', schema: { type: 'object', properties: { a: { $ref: '#/x' } } } },
    /the field a has no type/,
  ],
])('%j asks nobody', async (args, words) => {
  const { run, asked } = await bench();
  const result = await run('user_prompt', args);
  expect(result).toEqual({ output: expect.stringMatching(words), is_error: true });
  expect(asked).toEqual([]);
});

test('where nobody can be asked the result says so', async () => {
  const { run } = await bench();
  const result = await run('user_prompt', { message: 'Go?' }, { ask: async () => ({ action: 'refused' }) });
  expect(result).toEqual({ output: expect.stringMatching(/^Refused: this needs an answer/), is_error: true });
});
