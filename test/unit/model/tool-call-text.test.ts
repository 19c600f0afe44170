import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { ToolCallText } from '../../../src/model/tool-call-text.ts';
import { startModelServer, type ModelServer } from '../../../src/testing/model-server/server.ts';
import { callOf, finishOf, message, modelFor, READ_FILE, run, testModels } from './calls.ts';

const COUNT = { ...READ_FILE, name: 'count', parameters: { properties: { n: { type: 'integer' } } } };
const CALL = '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.txt"}}\n</tool_call>';

/** What is shown and called when this text comes in these pieces. */
function read(pieces: readonly string[], native = false): { text: string; calls: [string, unknown][] } {
  const reader = new ToolCallText([READ_FILE, COUNT]);
  const shown = pieces.map((piece) => reader.push(piece)).join('');
  const { text, calls } = reader.end(native);
  return {
    text: shown + text,
    calls: calls.map((call) => [call.name, JSON.parse(call.arguments) as unknown]),
  };
}

describe('a call that is written as text', () => {
  test.each([
    ['JSON', CALL, [['read_file', { path: 'a.txt' }]]],
    ['in one line', CALL.replaceAll('\n', ''), [['read_file', { path: 'a.txt' }]]],
    ['without its end', CALL.replace('</tool_call>', ''), [['read_file', { path: 'a.txt' }]]],
    [
      'parameters, and arguments as text',
      '<tool_call>{"name": "count", "parameters": "{\\"n\\": 3}"}</tool_call>',
      [['count', { n: 3 }]],
    ],
    [
      'a function',
      '<tool_call>{"type": "function", "function": {"name": "count"}}</tool_call>',
      [['count', {}]],
    ],
    [
      'tags',
      '<tool_call>\n<function=count>\n<parameter=n>\n4\n</parameter>\n</function>\n</tool_call>',
      [['count', { n: 4 }]],
    ],
    [
      'a text that looks like JSON',
      '<tool_call><function=read_file><parameter=path>42</parameter></function></tool_call>',
      [['read_file', { path: '42' }]],
    ],
    [
      'two of them',
      `${CALL}\n${CALL.replace('a.txt', 'b.txt')}`,
      [
        ['read_file', { path: 'a.txt' }],
        ['read_file', { path: 'b.txt' }],
      ],
    ],
  ])('%s', (_form, text, calls) => {
    expect(read([`I look.\n${text}`])).toEqual({ text: 'I look.\n', calls });
  });

  test.each([
    ['in a code fence', `So it goes:\n\`\`\`\n${CALL}\n\`\`\`\n`],
    ['in a fence of tildes', `~~~xml\n${CALL}\n~~~\n`],
    ['in the middle of a line', `write ${CALL}`],
    ['of a tool that it has not', CALL.replace('read_file', 'rm')],
    ['broken', CALL.replace('}}', '}')],
    ['arguments that are no object', CALL.replace('{"path": "a.txt"}', '[1]')],
    ['only begun', 'and then <tool_call'],
    ['a mark alone', '<tool_call>'],
  ])('%s is text', (_what, text) => {
    expect(read([text])).toEqual({ text, calls: [] });
  });

  test('beside native calls it stays text, in its place', () => {
    const text = `before\n${CALL}\nafter`;
    expect(read([text], true)).toEqual({ text, calls: [] });
  });

  test('however the text is cut, the same comes out, and no mark is ever shown', () => {
    const whole = `Let me see.\n\`\`\`\n${CALL}\n\`\`\`\n  ${CALL}\nand ${CALL.replace('a.txt', 'c')}`;
    const expected = read([whole]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 30 }), (cuts) => {
        const places = [0, ...cuts.toSorted((left, right) => left - right), whole.length];
        const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
        expect(read(pieces)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

test('a model of an open server calls so, its result goes back as to any call, and native calls win', async () => {
  server = await startModelServer([
    { text: `I look.\n${CALL}` },
    { text: 'done' },
    { text: CALL, tool_calls: [{ name: 'read_file', arguments: { path: 'native' } }] },
  ]);
  const models = testModels();
  const model = modelFor('openai_chatcompletions', server.url);
  const collected = await run(models, callOf(model));
  const first = finishOf(collected);
  expect(first).toMatchObject({ text: 'I look.', finish_reason: 'tool-calls' });
  const [call] = first.tool_calls;
  expect(call?.function).toEqual({ name: 'read_file', arguments: '{"path":"a.txt"}' });
  expect(JSON.stringify(collected.parts.filter(({ type }) => type === 'text_delta'))).not.toContain(
    'tool_call',
  );
  const messages = [
    message('user', 'hello'),
    message('assistant', first.text, { tool_calls: first.tool_calls }),
    message('tool', 'content', { tool_call_id: call?.id ?? '' }),
  ];
  expect(finishOf(await run(models, callOf(model, { messages }))).text).toBe('done');
  server.assertValid();
  const third = finishOf(await run(models, callOf(model)));
  expect(third.tool_calls.map(({ function: { arguments: args } }) => args)).toEqual(['{"path":"native"}']);
  expect(third.text).toBe(CALL);
});

test('the models of a provider that calls by its API are taken at their word', async () => {
  server = await startModelServer([{ text: CALL }]);
  const finish = finishOf(await run(testModels(), callOf(modelFor('anthropic', server.url))));
  expect(finish).toMatchObject({ text: CALL, tool_calls: [], finish_reason: 'stop' });
});
