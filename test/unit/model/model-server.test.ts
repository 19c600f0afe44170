import { describe, expect, test } from 'vitest';
import { checkRequest } from '../../../src/testing/model-server/check.ts';
import { startModelServer } from '../../../src/testing/model-server/server.ts';
import type { Wire } from '../../../src/testing/model-server/script.ts';
import { thinkingSignature } from '../../../src/testing/model-server/wire-anthropic.ts';

type Json = Record<string, unknown>;

const call = (id: string): Json => ({ id, type: 'function', function: { name: 'read', arguments: '{}' } });
const use = (id: string): Json => ({ type: 'tool_use', id, name: 'read', input: {} });
const result = (id: string): Json => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
const asked = (call_id: string): Json => ({ type: 'function_call', call_id, name: 'read', arguments: '{}' });
const answered = (call_id: string): Json => ({ type: 'function_call_output', call_id, output: 'ok' });
const asks = (id: string, thoughtSignature?: string): Json => ({
  functionCall: { id, name: 'read', args: {} },
  ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
});
const gives = (id: string): Json => ({ functionResponse: { id, name: 'read', response: { content: 'ok' } } });
const said = (role: string, ...parts: Json[]): Json => ({ role, parts });
const hello: Json = { role: 'user', parts: [{ text: 'hi' }] };
const user: Json = { role: 'user', content: 'hi' };

const GOOD: Record<Wire, Json> = {
  openai_chatcompletions: {
    model: 'm',
    stream: true,
    tools: [{ type: 'function', function: { name: 'read' } }],
    messages: [
      { role: 'system', content: 's' },
      user,
      { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] },
      { role: 'tool', tool_call_id: 'b', content: '' },
      { role: 'tool', tool_call_id: 'a', content: 'ok' },
      user,
    ],
  },
  openai_responses: {
    model: 'm',
    stream: true,
    store: false,
    tools: [{ type: 'function', name: 'read' }],
    input: [
      user,
      { type: 'reasoning', summary: [], encrypted_content: 'e' },
      asked('a'),
      asked('b'),
      answered('a'),
      answered('b'),
      user,
    ],
  },
  anthropic: {
    model: 'm',
    stream: true,
    max_tokens: 4096,
    thinking: { type: 'enabled', budget_tokens: 1024 },
    tools: [{ name: 'read' }],
    messages: [
      user,
      {
        role: 'assistant',
        content: [{ type: 'thinking', thinking: 't', signature: 's' }, use('a'), use('b')],
      },
      { role: 'user', content: [result('a'), result('b'), { type: 'text', text: 'go on' }] },
    ],
  },
  google: {
    tools: [{ functionDeclarations: [{ name: 'read' }] }],
    contents: [
      { role: 'user', parts: [{ text: 'hi' }] },
      { role: 'model', parts: [asks('a', 's'), asks('b')] },
      { role: 'user', parts: [gives('a'), gives('b')] },
    ],
  },
  mistral: {
    model: 'mistral-small-latest',
    stream: true,
    tools: [{ type: 'function', function: { name: 'read' } }],
    messages: [
      user,
      { role: 'assistant', content: '', tool_calls: [call('aaaaaaaaa')] },
      { role: 'tool', tool_call_id: 'aaaaaaaaa', content: 'ok' },
    ],
  },
};

const KEYS = new Headers({ authorization: 'Bearer k', 'x-api-key': 'k', 'x-goog-api-key': 'k' });

/** Broken twins: what is changed in the good request, and the fault that it must give. */
/** The checker learns Google's model from the path. */
const check = (wire: Wire, headers: Headers, body: Json): string[] =>
  checkRequest(wire, headers, body, wire === 'google' ? { model: 'gemini-3-pro' } : {});

const BROKEN: [Wire, string, Json, RegExp][] = [
  ['openai_chatcompletions', 'no model', { model: '' }, /no model/],
  ['openai_chatcompletions', 'not streaming', { stream: false }, /streaming/],
  [
    'openai_chatcompletions',
    'orphan result',
    { messages: [user, { role: 'tool', tool_call_id: 'x', content: 'ok' }] },
    /orphan tool result x/,
  ],
  [
    'openai_chatcompletions',
    'unanswered call',
    { messages: [user, { role: 'assistant', tool_calls: [call('a')] }, user] },
    /a is not answered/,
  ],
  [
    'openai_chatcompletions',
    'unanswered at the end',
    { messages: [user, { role: 'assistant', tool_calls: [call('a')] }] },
    /a is not answered/,
  ],
  [
    'openai_chatcompletions',
    'answered twice',
    {
      messages: [
        user,
        { role: 'assistant', tool_calls: [call('a')] },
        ...[1, 2].map(() => ({ role: 'tool', tool_call_id: 'a', content: 'ok' })),
      ],
    },
    /a answered twice/,
  ],
  [
    'openai_chatcompletions',
    'answered too late',
    {
      messages: [
        user,
        { role: 'assistant', tool_calls: [call('a')] },
        user,
        { role: 'tool', tool_call_id: 'a', content: 'ok' },
      ],
    },
    /a is not answered; orphan tool result a/,
  ],
  [
    'openai_chatcompletions',
    'one id for two calls',
    { messages: [user, { role: 'assistant', tool_calls: [call('a'), call('a')] }] },
    /a twice/,
  ],
  [
    'openai_chatcompletions',
    'bad tool name',
    { tools: [{ function: { name: 'read file' } }] },
    /bad tool name "read file"/,
  ],
  [
    'openai_chatcompletions',
    'long tool name',
    { tools: [{ function: { name: 'x'.repeat(65) } }] },
    /bad tool name/,
  ],
  [
    'openai_chatcompletions',
    'two equal names',
    { tools: [1, 2].map(() => ({ function: { name: 'read' } })) },
    /"read" twice/,
  ],
  [
    'openai_chatcompletions',
    'empty assistant',
    { messages: [user, { role: 'assistant', content: '' }] },
    /messages\[1\] is empty/,
  ],
  ['openai_chatcompletions', 'unknown role', { messages: [{ role: 'robot', content: 'x' }] }, /role robot/],
  [
    'openai_chatcompletions',
    'broken arguments',
    {
      messages: [
        user,
        { role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'read', arguments: '{' } }] },
        { role: 'tool', tool_call_id: 'a', content: 'ok' },
      ],
    },
    /no JSON object/,
  ],
  [
    'openai_responses',
    'no call_id',
    { input: [user, asked('a'), { type: 'function_call_output', output: 'ok' }] },
    /without call id/,
  ],
  ['openai_responses', 'orphan output', { input: [user, answered('a')] }, /orphan tool result a/],
  ['openai_responses', 'unanswered call', { input: [user, asked('a'), user] }, /a is not answered/],
  [
    'openai_responses',
    'answered twice',
    { input: [user, asked('a'), answered('a'), answered('a')] },
    /a answered twice/,
  ],
  [
    'openai_responses',
    'reasoning without its content',
    { input: [user, { type: 'reasoning', summary: [] }] },
    /without encrypted_content/,
  ],
  [
    'openai_responses',
    'reference to nothing',
    { input: [user, { type: 'item_reference', id: 'x' }] },
    /not stored/,
  ],
  ['openai_responses', 'two equal names', { tools: [{ name: 'read' }, { name: 'read' }] }, /"read" twice/],
  ['openai_responses', 'no input', { input: [] }, /no input/],
  ['anthropic', 'no max_tokens', { max_tokens: undefined }, /no max_tokens/],
  ['anthropic', 'assistant first', { messages: [{ role: 'assistant', content: 'x' }] }, /first message/],
  [
    'anthropic',
    'results not first',
    {
      messages: [
        user,
        { role: 'assistant', content: [use('a')] },
        { role: 'user', content: [{ type: 'text', text: 'x' }, result('a')] },
      ],
    },
    /must come first/,
  ],
  [
    'anthropic',
    'unanswered call',
    { messages: [user, { role: 'assistant', content: [use('a')] }, user] },
    /a is not answered/,
  ],
  [
    'anthropic',
    'orphan result',
    { messages: [{ role: 'user', content: [result('a')] }] },
    /orphan tool result a/,
  ],
  [
    'anthropic',
    'budget too large',
    { thinking: { type: 'enabled', budget_tokens: 4096 } },
    /not below max_tokens/,
  ],
  ['anthropic', 'budget too small', { thinking: { type: 'enabled', budget_tokens: 10 } }, /below 1024/],
  ['anthropic', 'temperature with thinking', { temperature: 0.5 }, /temperature/],
  [
    'anthropic',
    'unsigned thinking',
    {
      messages: [
        user,
        { role: 'assistant', content: [{ type: 'thinking', thinking: 't', signature: '' }] },
        user,
      ],
    },
    /without its signature/,
  ],
  [
    'anthropic',
    'empty text',
    { messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] },
    /empty text block/,
  ],
  [
    'anthropic',
    'five cache marks',
    {
      system: Array.from({ length: 5 }, () => ({
        type: 'text',
        text: 's',
        cache_control: { type: 'ephemeral' },
      })),
    },
    /4 cache marks/,
  ],
  ['google', 'no contents', { contents: [] }, /contents is not specified/],
  ['google', 'a model that begins', { contents: [said('model', { text: 'hi' })] }, /not from the user/],
  ['google', 'an empty content', { contents: [said('user')] }, /has no parts/],
  ['google', 'a part without data', { contents: [said('user', {})] }, /a part without data/],
  ['google', 'a role of others', { contents: [hello, said('assistant', { text: 'a' })] }, /role assistant/],
  ['google', 'an open call', { contents: [hello, said('model', asks('a', 's'))] }, /are not answered/],
  [
    'google',
    'results apart',
    {
      contents: [
        hello,
        said('model', asks('a', 's'), asks('b')),
        said('user', gives('a')),
        said('user', gives('b')),
      ],
    },
    /response parts \(1\) is not that of the function call parts \(2\)/,
  ],
  ['google', 'an orphan result', { contents: [hello, said('user', gives('a'))] }, /call parts \(0\)/],
  [
    'google',
    'no signature',
    { contents: [hello, said('model', asks('a')), said('user', gives('a'))] },
    /missing a thought_signature/,
  ],
  ['mistral', 'a field of others', { stream_options: { include_usage: true } }, /extra input stream_options/],
  [
    'mistral',
    'a long call id',
    {
      messages: [
        user,
        { role: 'assistant', content: '', tool_calls: [call('call_1234567890')] },
        { role: 'tool', tool_call_id: 'call_1234567890', content: 'ok' },
      ],
    },
    /must be 9 letters/,
  ],
  [
    'mistral',
    'a user behind a tool',
    {
      messages: [
        user,
        { role: 'assistant', content: '', tool_calls: [call('aaaaaaaaa')] },
        { role: 'tool', tool_call_id: 'aaaaaaaaa', content: 'ok' },
        user,
      ],
    },
    /unexpected role user after role tool/,
  ],
  [
    'mistral',
    'the assistant last',
    { messages: [user, { role: 'assistant', content: 'a' }] },
    /last message/,
  ],
];

describe('the checker', () => {
  test.each(Object.entries(GOOD))('%s: takes a good request', (wire, body) => {
    expect(check(wire as Wire, KEYS, body)).toEqual([]);
  });

  test.each(BROKEN)('%s: refuses %s', (wire, _what, change, fault) => {
    expect(check(wire, KEYS, { ...GOOD[wire], ...change }).join('; ')).toMatch(fault);
  });

  test.each(Object.entries(GOOD))('%s: refuses a request without a key', (wire, body) => {
    expect(check(wire as Wire, new Headers({ authorization: 'Bearer ' }), body)).toEqual(['no key was sent']);
  });
});

describe('the server', () => {
  const post = (url: string, path: string, body: Json): Promise<Response> =>
    fetch(`${url}${path}`, { method: 'POST', headers: KEYS, body: JSON.stringify(body) });

  test('answers an invalid request with 400, keeps its turn, and fails the test that made it', async () => {
    const server = await startModelServer([{ text: 'hi' }]);
    try {
      const bad = await post(server.url, '/chat/completions', { ...GOOD.openai_chatcompletions, model: '' });
      expect(bad.status).toBe(400);
      expect(await bad.json()).toMatchObject({ error: { message: 'invalid request: no model' } });
      expect(server.turnsLeft).toBe(1);
      expect(() => server.assertValid()).toThrow('request 1: no model');
    } finally {
      await server.close();
    }
  });

  test('wants signed thinking back unchanged', async () => {
    const turn = { reasoning: 'deep', tool_calls: [{ name: 'read', arguments: {} }] };
    const server = await startModelServer([turn, { text: 'a' }, { text: 'b' }]);
    const next = (block: Json): Json => ({
      ...GOOD.anthropic,
      messages: [
        user,
        { role: 'assistant', content: [block, use('toolu_1_1')] },
        { role: 'user', content: [result('toolu_1_1')] },
      ],
    });
    try {
      await (await post(server.url, '/messages', { ...GOOD.anthropic, messages: [user] })).text();
      const kept = { type: 'thinking', thinking: 'deep', signature: thinkingSignature('deep') };
      expect((await post(server.url, '/messages', next(kept))).status).toBe(200);
      server.assertValid();
      expect((await post(server.url, '/messages', next({ ...kept, thinking: 'shallow' }))).status).toBe(400);
      expect(() => server.assertValid()).toThrow('missing or changed');
    } finally {
      await server.close();
    }
  });

  test('gives a turn only to the request that it is meant for', async () => {
    const forB = { text: 'for b', when: ({ body }: { body: Json }) => body['model'] === 'b' };
    const server = await startModelServer([forB, { text: 'for all' }]);
    const ask = async (model: string): Promise<string> =>
      (await post(server.url, '/responses', { ...GOOD.openai_responses, model })).text();
    try {
      expect(await ask('a')).toContain('for all');
      expect(await ask('b')).toContain('for b');
      expect(await ask('a')).toContain('no turn for this request');
    } finally {
      await server.close();
    }
  });
});
