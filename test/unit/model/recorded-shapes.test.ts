import { expect, test } from 'vitest';
import type { FinishPart } from '../../../src/model/index.ts';
import type { ResolvedModel } from '../../../src/protocol/team.ts';
import { array, object, type Json } from '../../../src/testing/model-server/check-parts.ts';
import { callOf, finishOf, message, modelFor, run, testModels, toolCall } from './calls.ts';

/**
 * Answers in the shape that providers really send, where it differs from what stand-ins send: each was written down from traffic or from
 * the provider's own documentation.
 */
const sse = (...chunks: unknown[]): string =>
  chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`).join('');

interface Exchange {
  finish: FinishPart;
  body: Json;
}

/** Makes one call that this text answers. */
async function exchange(
  model: ResolvedModel,
  answer: string,
  messages = [message('user', 'hello')],
): Promise<Exchange> {
  let body: Json = {};
  const provider: typeof fetch = (_input, init) => {
    body = object(JSON.parse(typeof init?.body === 'string' ? init.body : '{}'));
    return Promise.resolve(new Response(answer, { headers: { 'content-type': 'text/event-stream' } }));
  };
  const models = testModels({ fetch: provider, env: () => 'k' });
  return { finish: finishOf(await run(models, callOf(model, { messages }))), body };
}

const GOOGLE = { ...modelFor('google', ''), base_url: undefined, model: 'gemini-3-pro-preview' };
const gemini = (parts: Json[], more: Json = {}, usageMetadata: Json = {}): Json => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }],
  usageMetadata: { promptTokenCount: 100, totalTokenCount: 130, ...usageMetadata },
  modelVersion: 'gemini-3-pro-preview',
  responseId: 'r1',
});
const GEMINI_CALLS = sse(
  gemini([{ text: 'I should look.', thought: true }]),
  gemini([{ functionCall: { name: 'read_file', args: { path: 'a' } }, thoughtSignature: 'SIG-A' }]),
  gemini(
    [{ functionCall: { name: 'read_file', args: { path: 'b' } } }],
    { finishReason: 'STOP' },
    { candidatesTokenCount: 10, thoughtsTokenCount: 20, cachedContentTokenCount: 60 },
  ),
);

test('Gemini ends a turn of calls with STOP, gives calls no id, and counts thoughts and cache apart', async () => {
  const { finish } = await exchange(GOOGLE, GEMINI_CALLS);
  expect(finish.finish_reason).toBe('tool-calls');
  expect(finish.tool_calls.map((call) => [call.id, call.function.arguments])).toEqual([
    ['call_1', '{"path":"a"}'],
    ['call_2', '{"path":"b"}'],
  ]);
  expect(finish.usage).toEqual({
    input_tokens: 40,
    cached_input_tokens: 60,
    cached_write_tokens: 0,
    output_tokens: 30,
    reasoning_tokens: 20,
  });
  expect(finish.reasoning).toEqual([{ text: 'I should look.' }]);
});

test("Gemini gets its signatures back, the results of a turn together and in the calls' order", async () => {
  const { finish: first } = await exchange(GOOGLE, GEMINI_CALLS);
  const [a, b] = first.tool_calls;
  const said = gemini([{ text: 'Done.' }, { text: '', thoughtSignature: 'SIG-T' }], { finishReason: 'STOP' });
  const history = [
    message('user', 'hello'),
    message('assistant', first.text, { ...first, content: first.text, model: first.model }),
    message('tool', 'of b', { tool_call_id: b?.id ?? '' }),
    message('tool', 'of a', { tool_call_id: a?.id ?? '' }),
  ];
  const { finish: second, body } = await exchange(GOOGLE, sse(said), history);
  const contents = array(body['contents']);
  expect(contents.map(({ role }) => role)).toEqual(['user', 'model', 'user']);
  const parts = array(contents[1]?.['parts']);
  expect(parts.map((part) => part['thoughtSignature'])).toEqual([undefined, 'SIG-A', undefined]);
  const responses = array(contents[2]?.['parts']).map((part) => object(part['functionResponse']));
  expect(responses.map((response) => object(response['response'])['content'])).toEqual(['of a', 'of b']);
  expect(second.provider_metadata).toEqual({ google: { thoughtSignature: 'SIG-T' } });
  const { provider_metadata, model } = second;
  const last = [
    ...history,
    message('assistant', second.text, { ...(provider_metadata ? { provider_metadata } : {}), model }),
    message('user', 'and?'),
  ];
  const third = await exchange(GOOGLE, sse(said), last);
  expect(array(array(third.body['contents']).at(-2)?.['parts'])[0]?.['thoughtSignature']).toBe('SIG-T');
});

test("calls of another provider's model go to Gemini 3 with the mark that it takes for a signature", async () => {
  const history = [
    message('user', 'hello'),
    message('assistant', '', {
      tool_calls: [{ ...toolCall('c1', 'read_file'), provider_metadata: { openai: { itemId: 'x' } } }],
      reasoning: [{ text: 'foreign', provider_metadata: { anthropic: { signature: 's' } } }],
      model: 'anthropic/claude-sonnet-4-6',
    }),
    message('tool', 'ok', { tool_call_id: 'c1' }),
  ];
  const said = gemini([{ text: 'ok' }], { finishReason: 'STOP' });
  const { body } = await exchange(GOOGLE, sse(said), history);
  expect(JSON.stringify(body)).toContain('"thoughtSignature":"skip_thought_signature_validator"');
  expect(JSON.stringify(body)).not.toContain('foreign');
});

test('a prompt that Gemini blocks is said to be filtered', async () => {
  const blocked = sse({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: {} });
  const provider: typeof fetch = () =>
    Promise.resolve(new Response(blocked, { headers: { 'content-type': 'text/event-stream' } }));
  const { error, parts } = await run(testModels({ fetch: provider, env: () => 'k' }), callOf(GOOGLE));
  expect(error).toMatchObject({
    message: "google/gemini-3-pro-preview gave no answer: its provider's content filter stopped it",
  });
  expect(parts.length).toBe(1);
});

test('thinking budgets reach Gemini as tokens or as levels, with its thoughts shown', async () => {
  const said = sse(gemini([{ text: 'ok' }], { finishReason: 'STOP' }));
  const config = async (extra: Partial<ResolvedModel>): Promise<unknown> =>
    object((await exchange({ ...GOOGLE, ...extra }, said)).body['generationConfig'])['thinkingConfig'];
  const flash = { model: 'gemini-2.5-flash' };
  expect(await config({ ...flash, thinking_budget: 2048 })).toEqual({
    thinkingBudget: 2048,
    includeThoughts: true,
  });
  expect(await config({ ...flash, thinking_budget: -1 })).toEqual({
    thinkingBudget: -1,
    includeThoughts: true,
  });
  expect(await config({ thinking_budget: 'high' })).toEqual({ thinkingLevel: 'high', includeThoughts: true });
  expect(await config({ ...flash, thinking_budget: 'none' })).toEqual({
    thinkingBudget: 0,
    includeThoughts: false,
  });
  expect(await config({})).toBeUndefined();
});

const chunk = (fields: Json): Json => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  ...fields,
});
const choice = (delta: Json, finish_reason: string | null = null): Json => ({
  index: 0,
  delta,
  finish_reason,
});

test('Mistral: calls without a type, a chunk without choices, thoughts as parts of the content', async () => {
  const call = { id: 'D681PevKs', function: { name: 'read_file', arguments: '{"path": "a"}' }, index: 0 };
  const usage = { prompt_tokens: 50, total_tokens: 60, completion_tokens: 10, num_cached_tokens: 16 };
  const { finish, body } = await exchange(
    modelFor('mistral', 'https://api.mistral.ai/v1'),
    sse(
      chunk({ choices: [choice({ role: 'assistant', content: '' })] }),
      chunk({
        choices: [choice({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] })],
      }),
      chunk({ choices: [] }),
      chunk({ choices: [choice({ content: '', tool_calls: [call] }, 'tool_calls')], usage }),
      '[DONE]',
    ),
    [
      message('user', 'hello'),
      message('assistant', '', {
        tool_calls: [toolCall('toolu_long_id', 'read_file')],
        model: 'anthropic/x',
      }),
      message('tool', 'ok', { tool_call_id: 'toolu_long_id' }),
      message('user', 'and now?'),
    ],
  );
  expect(finish.tool_calls).toMatchObject([{ id: 'D681PevKs', function: { arguments: '{"path": "a"}' } }]);
  expect(finish.reasoning.map(({ text }) => text)).toEqual(['hm']);
  expect(finish.usage).toMatchObject({ input_tokens: 34, cached_input_tokens: 16, output_tokens: 10 });
  const sent = array(body['messages']);
  expect(sent.map(({ role }) => role).slice(-5)).toEqual(['user', 'assistant', 'tool', 'assistant', 'user']);
  expect(sent.find(({ role }) => role === 'tool')?.['tool_call_id']).toMatch(/^[a-f0-9]{9}$/);
  expect(body['stream_options']).toBeUndefined();
});

test('Groq: usage stands in x_groq of the last chunk', async () => {
  const model: ResolvedModel = {
    name: 'g',
    provider: 'groq',
    model: 'llama-3.3-70b',
    api: 'openai_chatcompletions',
  };
  const { finish } = await exchange(
    model,
    sse(
      chunk({ choices: [choice({ role: 'assistant', content: '' })], x_groq: { id: 'req_1' } }),
      chunk({ choices: [choice({ content: 'hi' })] }),
      chunk({
        choices: [choice({}, 'stop')],
        x_groq: {
          id: 'req_1',
          usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, queue_time: 0.1 },
        },
      }),
      '[DONE]',
    ),
  );
  expect(finish).toMatchObject({
    text: 'hi',
    usage_known: true,
    usage: { input_tokens: 7, output_tokens: 3 },
  });
});

test('chat completions: usage comes in a last chunk alone, whose choices are empty, after the reason', async () => {
  const { finish } = await exchange(
    modelFor('openai_chatcompletions', 'http://open.test/v1'),
    sse(
      chunk({ choices: [], prompt_filter_results: [] }),
      chunk({ choices: [choice({ content: 'hi' })] }),
      chunk({ choices: [choice({}, 'stop')] }),
      chunk({
        choices: [],
        usage: {
          prompt_tokens: 9,
          completion_tokens: 4,
          total_tokens: 13,
          prompt_tokens_details: { cached_tokens: 5 },
        },
      }),
      '[DONE]',
    ),
  );
  expect(finish).toMatchObject({
    text: 'hi',
    finish_reason: 'stop',
    usage: { input_tokens: 4, cached_input_tokens: 5, output_tokens: 4 },
  });
});

test('responses: reasoning items have no status, and go back encrypted without one', async () => {
  const item = { type: 'reasoning', id: 'rs_1', encrypted_content: 'ENC', summary: [] };
  const text = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
  const usage = {
    input_tokens: 40,
    input_tokens_details: { cached_tokens: 30 },
    output_tokens: 12,
    output_tokens_details: { reasoning_tokens: 8 },
    total_tokens: 52,
  };
  const model = modelFor('openai_responses', 'https://api.openai.com/v1', { thinking_budget: 'low' });
  const answer = sse(
    { type: 'response.created', response: { id: 'resp_1', created_at: 1, model: 'gpt-5-mini' } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, encrypted_content: null } },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.output_item.added', output_index: 1, item: text },
    { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 1, content_index: 0, delta: 'hi' },
    { type: 'response.output_item.done', output_index: 1, item: text },
    { type: 'response.completed', response: { id: 'resp_1', incomplete_details: null, usage } },
  );
  const { finish } = await exchange(model, answer);
  expect(finish.usage).toMatchObject({
    input_tokens: 10,
    cached_input_tokens: 30,
    output_tokens: 12,
    reasoning_tokens: 8,
  });
  const history = [
    message('user', 'hello'),
    message('assistant', 'hi', { reasoning: finish.reasoning, model: finish.model }),
    message('user', 'and?'),
  ];
  const { body } = await exchange(model, answer, history);
  const sent = array(body['input']).find((one) => one['type'] === 'reasoning');
  expect(sent).toMatchObject({ encrypted_content: 'ENC', summary: [] });
  expect(sent?.['status']).toBeUndefined();
});

test('Anthropic: cache reads and writes are counted beside the input, each at its price', async () => {
  const event = (type: string, fields: Json): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const usage = { input_tokens: 1_000, cache_creation_input_tokens: 2_000, cache_read_input_tokens: 4_000 };
  const { finish } = await exchange(
    { ...modelFor('anthropic', ''), base_url: undefined, model: 'claude-sonnet-4-5' },
    [
      event('message_start', {
        message: {
          id: 'm',
          type: 'message',
          role: 'assistant',
          model: 'x',
          content: [],
          usage: { ...usage, output_tokens: 1 },
        },
      }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      event('ping', {}),
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'hi' } }),
      event('content_block_stop', { index: 0 }),
      event('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 100 },
      }),
      event('message_stop', {}),
    ].join(''),
  );
  expect(finish.usage).toMatchObject({
    input_tokens: 1_000,
    cached_write_tokens: 2_000,
    cached_input_tokens: 4_000,
    output_tokens: 100,
  });
  // Dollars per million: 3 in, 3.75 written, 0.3 read, 15 out.
  expect(finish.cost).toBeCloseTo(0.003 + 0.0075 + 0.0012 + 0.0015, 10);
});
