import { afterEach, describe, expect, test } from 'vitest';
import { startModelServer, type ModelServer } from '../../../src/testing/model-server/server.ts';
import type { ScriptedTurn } from '../../../src/testing/model-server/script.ts';
import { array, object } from '../../../src/testing/model-server/check-parts.ts';
import { callOf, finishOf, KEY, message, modelFor, run, testModels, toolCall, WIRES } from './calls.ts';

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(...turns: ScriptedTurn[]): Promise<ModelServer> {
  server = await startModelServer(turns);
  return server;
}

describe.each(WIRES)('%s', (api) => {
  test('streams text and tool calls, and counts what they cost', async () => {
    const { url, assertValid } = await serve({
      text: 'Reading the file für dich 🦉 now.',
      tool_calls: [
        { name: 'read_file', arguments: { path: 'a.txt' } },
        { name: 'read_file', arguments: { path: 'b.txt' } },
      ],
      usage: { input: 1000, cached: 400, written: api === 'anthropic' ? 100 : 0, output: 50, reasoning: 0 },
    });
    const collected = await run(testModels(), callOf(modelFor(api, url)));
    const finish = finishOf(collected);
    expect(finish.text).toBe('Reading the file für dich 🦉 now.');
    expect(finish.tool_calls.map((call) => call.function)).toEqual([
      { name: 'read_file', arguments: '{"path":"a.txt"}' },
      { name: 'read_file', arguments: '{"path":"b.txt"}' },
    ]);
    expect(finish.finish_reason).toBe('tool-calls');
    expect(finish.usage).toMatchObject({
      input_tokens: api === 'anthropic' ? 500 : 600,
      cached_input_tokens: 400,
      cached_write_tokens: api === 'anthropic' ? 100 : 0,
      output_tokens: 50,
    });
    expect(finish.price_known).toBe(true);
    expect(finish.cost).toBeGreaterThan(0);
    const streamed = collected.parts.flatMap((part) => (part.type === 'text_delta' ? [part.text] : []));
    expect(streamed.length).toBeGreaterThan(1);
    expect(streamed.join('')).toBe(finish.text);
    const byCall = new Map<string, string>();
    for (const part of collected.parts) {
      if (part.type === 'tool_call_delta')
        byCall.set(part.id, (byCall.get(part.id) ?? '') + part.arguments_delta);
    }
    expect([...byCall]).toEqual(finish.tool_calls.map((call) => [call.id, call.function.arguments]));
    assertValid();
  });

  test('sends calls, results and reasoning back so that the provider takes them', async () => {
    const { url, assertValid, journal } = await serve(
      { reasoning: 'Let me think about it.', tool_calls: [{ name: 'read_file', arguments: { path: 'a' } }] },
      { text: 'done' },
    );
    const models = testModels();
    const model = modelFor(api, url, { thinking_budget: 'medium' });
    const first = finishOf(await run(models, callOf(model)));
    expect(first.reasoning.map((part) => part.text).join('')).toBe('Let me think about it.');
    const [call] = first.tool_calls;
    const messages = [
      message('user', 'hello'),
      message('assistant', first.text, {
        reasoning: first.reasoning,
        tool_calls: first.tool_calls,
        model: first.model,
      }),
      message('tool', 'content of a', { tool_call_id: call?.id ?? '' }),
    ];
    const second = finishOf(await run(models, callOf(model, { messages })));
    expect(second.text).toBe('done');
    assertValid();
    const sent = JSON.stringify(journal[1]?.body);
    expect(sent).toContain('content of a');
    const proof = {
      openai_chatcompletions: '"reasoning_content":"Let me think about it."',
      openai_responses: '"encrypted_content":"enc-1"',
      anthropic: '"signature":"sig-',
      google: '"thoughtSignature":"',
      mistral: '"thinking":[{"type":"text","text":"Let me think about it."}]',
    };
    expect(sent).toContain(proof[api]);
  });

  test('passes the model settings of the team', async () => {
    const { url, journal, assertValid } = await serve({ text: 'ok' });
    const model = modelFor(api, url, {
      ...(api === 'openai_responses' ? { model: 'gpt-4.1' } : {}),
      ...(api === 'anthropic' ? { model: 'claude-sonnet-4-5' } : {}),
      temperature: 0.3,
      max_tokens: 777,
      parallel_tool_calls: false,
      provider_opts: api === 'mistral' ? { random_seed: 7 } : { service_tier: 'auto' },
    });
    finishOf(await run(testModels(), callOf(model)));
    const sent = object(journal[0]?.body);
    expect(api === 'mistral' ? sent['random_seed'] : sent['service_tier']).toBe(
      api === 'mistral' ? 7 : 'auto',
    );
    assertValid();
    if (api === 'google') {
      expect(sent['generationConfig']).toEqual({ temperature: 0.3, maxOutputTokens: 777 });
      return;
    }
    const body = sent;
    expect(body['temperature']).toBe(0.3);
    expect(body[api === 'openai_responses' ? 'max_output_tokens' : 'max_tokens']).toBe(777);
    const choice = object(body['tool_choice']);
    expect(
      api === 'anthropic'
        ? choice['disable_parallel_tool_use'] === true
        : body['parallel_tool_calls'] === false,
    ).toBe(true);
    assertValid();
  });

  test('shows images, and what else it takes, and says in words which files of earlier turns it leaves out', async () => {
    const { url, journal, assertValid } = await serve({ text: 'a cat' });
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
    const zip = new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]);
    const parts = [
      { type: 'file' as const, blob_id: 'b1', media_type: 'image/png' },
      { type: 'file' as const, blob_id: 'b2', media_type: 'application/zip', name: 'all.zip' },
    ];
    const messages = [
      message('user', 'what is it?', { parts }),
      message('assistant', '', { tool_calls: [toolCall('c1', 'read_file')] }),
      message('tool', 'an image', { tool_call_id: 'c1', parts: parts.slice(0, 1) }),
    ];
    const loadBlob = (id: string): Promise<Uint8Array> => Promise.resolve(id === 'b1' ? png : zip);
    finishOf(await run(testModels(), callOf(modelFor(api, url), { messages, loadBlob })));
    const sent = JSON.stringify(journal[0]?.body);
    expect(sent.split(Buffer.from(png).toString('base64')).length).toBe(3);
    expect(sent).toMatch(
      /all\.zip \(application\/zip\) was left out: this model takes text(,| and) images \(/,
    );
    assertValid();
  });

  test('repairs a history with orphans, so that one bad message does not end the session', async () => {
    const { url, journal, assertValid } = await serve({ text: 'fine' });
    const messages = [
      message('user', 'go'),
      message('assistant', '', {
        tool_calls: [toolCall('c1', 'read_file'), toolCall('c2', 'read_file', '{broken')],
      }),
      message('tool', 'first', { tool_call_id: 'c1' }),
      message('tool', 'again', { tool_call_id: 'c1' }),
      message('tool', 'nobody asked', { tool_call_id: 'c9' }),
      message('user', 'and now?'),
    ];
    finishOf(await run(testModels(), callOf(modelFor(api, url), { messages })));
    assertValid();
    const sent = JSON.stringify(journal[0]?.body);
    expect(sent).toContain('No result provided');
    expect(sent).not.toContain('nobody asked');
    expect(sent).not.toContain('again');
  });

  test('does not send the key anywhere but in its header', async () => {
    const { url, journal } = await serve({ text: 'ok' });
    finishOf(await run(testModels(), callOf(modelFor(api, url))));
    expect(JSON.stringify(journal[0]?.body)).not.toContain(KEY);
  });

  test('an abort ends the connection and throws its reason', async () => {
    const { url, journal } = await serve({ text: 'x'.repeat(400), hang_after: 6 });
    const controller = new AbortController();
    const reason = new Error('stopped by the person');
    const seen: string[] = [];
    const reading = (async () => {
      for await (const part of testModels().stream(callOf(modelFor(api, url)), controller.signal)) {
        seen.push(part.type);
        controller.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(seen.length).toBeGreaterThan(0);
    await expect.poll(() => journal[0]?.aborted).toBe(true);
  });

  test('a reader that leaves ends the connection', async () => {
    const { url, journal } = await serve({ text: 'x'.repeat(400), hang_after: 6 });
    for await (const part of testModels().stream(callOf(modelFor(api, url)), new AbortController().signal)) {
      expect(part.type).toBe('text_delta');
      break;
    }
    await expect.poll(() => journal[0]?.aborted).toBe(true);
  });
});

test('Anthropic gets cache marks on the last system part, the end, and the end of the previous call', async () => {
  const { url, journal, assertValid } = await serve({ text: 'ok' });
  const messages = [message('user', 'one'), message('assistant', 'two'), message('user', 'three')];
  finishOf(await run(testModels(), callOf(modelFor('anthropic', url), { messages })));
  const body = object(journal[0]?.body);
  const marks = (value: unknown): boolean[] =>
    array(value).map((block) => block['cache_control'] !== undefined);
  expect(marks(body['system'])).toEqual([false, true]);
  expect(array(body['messages']).map((one) => marks(one['content']))).toEqual([[true], [false], [true]]);
  assertValid();
});

test('reasoning of another provider is not sent on', async () => {
  const { url, journal, assertValid } = await serve({ text: 'ok' });
  const reasoning = [{ text: 'foreign thoughts', provider_metadata: { anthropic: { signature: 's' } } }];
  const messages = [
    message('user', 'one'),
    message('assistant', 'two', { reasoning, model: 'anthropic/claude-sonnet-4-6' }),
    message('user', 'three'),
  ];
  finishOf(await run(testModels(), callOf(modelFor('openai_chatcompletions', url), { messages })));
  expect(JSON.stringify(journal[0]?.body)).not.toContain('foreign thoughts');
  assertValid();
});

test('call ids that a server uses twice are told apart', async () => {
  const again = { tool_calls: [{ id: 'call_0', name: 'read_file', arguments: {} }] };
  const { url, assertValid } = await serve(again, { text: 'ok' });
  const models = testModels();
  const model = modelFor('openai_chatcompletions', url);
  const messages = [
    message('user', 'go'),
    message('assistant', '', { tool_calls: [toolCall('call_0', 'read_file')] }),
    message('tool', 'a', { tool_call_id: 'call_0' }),
  ];
  const finish = finishOf(await run(models, callOf(model, { messages })));
  expect(finish.tool_calls.map((call) => call.id)).toEqual(['call_0_2']);
  assertValid();
});

test('an unknown price is said, not zero', async () => {
  const { url } = await serve({ text: 'ok' });
  const model = modelFor('openai_chatcompletions', url, { provider: 'ollama', model: 'llama' });
  const finish = finishOf(await run(testModels(), callOf(model)));
  expect(finish.price_known).toBe(false);
  expect('cost' in finish).toBe(false);
  expect(finish.model).toBe('ollama/llama');
});

test.each([
  [8000, { type: 'enabled', budget_tokens: 8000 }],
  [10, { type: 'enabled', budget_tokens: 1024 }],
  [0, { type: 'disabled' }],
] as const)('a thinking budget of %j reaches Anthropic as %j', async (thinking_budget, expected) => {
  const { url, journal, assertValid } = await serve({ text: 'ok' });
  const model = modelFor('anthropic', url, { model: 'claude-sonnet-4-5', thinking_budget });
  finishOf(await run(testModels(), callOf(model)));
  expect(object(journal[0]?.body)['thinking']).toEqual(expected);
  assertValid();
});

test.each([
  ['high', 'high'],
  ['adaptive/low', 'low'],
  [4000, 'medium'],
] as const)(
  'a thinking budget of %j reaches the responses API as effort %j',
  async (thinking_budget, effort) => {
    const { url, journal } = await serve({ text: 'ok' });
    finishOf(await run(testModels(), callOf(modelFor('openai_responses', url, { thinking_budget }))));
    expect(object(journal[0]?.body)['reasoning']).toEqual({ effort, summary: 'auto' });
  },
);
