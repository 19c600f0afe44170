import { expect, test } from 'vitest';
import type { ResolvedModel } from '../../../src/protocol/team.ts';
import type { Wire } from '../../../src/testing/model-server/script.ts';
import { eventsOf } from '../../../src/testing/model-server/wires.ts';
import { array, object, type Json } from '../../../src/testing/model-server/check-parts.ts';
import { callOf, finishOf, message, run, testModels } from './calls.ts';

interface Sent {
  url: string;
  headers: Headers;
  body: Json;
}

/** Calls a model whose provider is this function, and returns what was sent to it. */
async function sent(
  wire: Wire,
  model: Partial<ResolvedModel>,
  env: Record<string, string>,
  messages = [message('user', 'hi')],
): Promise<Sent> {
  let seen: Sent | undefined;
  const provider: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : input.toString();
    const text = typeof init?.body === 'string' ? init.body : '{}';
    seen = { url, headers: new Headers(init?.headers), body: object(JSON.parse(text)) };
    const answer = eventsOf(wire, { text: 'ok' }, 'm', 1).join('');
    return Promise.resolve(new Response(answer, { headers: { 'content-type': 'text/event-stream' } }));
  };
  const models = testModels({ env: (name) => env[name], fetch: provider });
  const whole: ResolvedModel = { name: 'main', provider: 'openai', model: 'm', api: wire, ...model };
  finishOf(await run(models, callOf(whole, { messages })));
  if (seen === undefined) throw new Error('nothing was sent');
  return seen;
}

test.each([
  [
    'openai_chatcompletions',
    { provider: 'openai' },
    { OPENAI_API_KEY: 'k1' },
    'https://api.openai.com/v1/chat/completions',
    'Bearer k1',
  ],
  [
    'openai_responses',
    { provider: 'openai' },
    { OPENAI_API_KEY: 'k1' },
    'https://api.openai.com/v1/responses',
    'Bearer k1',
  ],
  [
    'openai_chatcompletions',
    { provider: 'openai', base_url: 'http://h:1/v1', token_key: 'MINE' },
    { MINE: 'k2', OPENAI_API_KEY: 'k1' },
    'http://h:1/v1/chat/completions',
    'Bearer k2',
  ],
  [
    'openai_chatcompletions',
    { provider: 'xai' },
    { XAI_API_KEY: 'k3' },
    'https://api.x.ai/v1/chat/completions',
    'Bearer k3',
  ],
  ['openai_chatcompletions', { provider: 'ollama' }, {}, 'http://localhost:11434/v1/chat/completions', null],
  [
    'openai_chatcompletions',
    { provider: 'dmr' },
    { OPENAI_API_KEY: 'k1' },
    'http://localhost:12434/engines/v1/chat/completions',
    null,
  ],
  ...(
    [
      ['groq', 'GROQ_API_KEY', 'https://api.groq.com/openai/v1'],
      ['openrouter', 'OPENROUTER_API_KEY', 'https://openrouter.ai/api/v1'],
      ['nebius', 'NEBIUS_API_KEY', 'https://api.studio.nebius.com/v1'],
      ['requesty', 'REQUESTY_API_KEY', 'https://router.requesty.ai/v1'],
      ['minimax', 'MINIMAX_API_KEY', 'https://api.minimax.io/v1'],
      ['github-copilot', 'GITHUB_TOKEN', 'https://api.githubcopilot.com'],
    ] as const
  ).map(([provider, variable, base]) => [
    'openai_chatcompletions',
    { provider },
    { [variable]: 'k5' },
    `${base}/chat/completions`,
    'Bearer k5',
  ]),
  [
    'mistral',
    { provider: 'mistral' },
    { MISTRAL_API_KEY: 'k6' },
    'https://api.mistral.ai/v1/chat/completions',
    'Bearer k6',
  ],
  [
    'mistral',
    { provider: 'mistral', base_url: 'http://h:1/v1', token_key: 'MINE' },
    { MINE: 'k7' },
    'http://h:1/v1/chat/completions',
    'Bearer k7',
  ],
] as [Wire, Partial<ResolvedModel>, Record<string, string>, string, string | null][])(
  '%s of %j is asked at the right place with the right key',
  async (wire, model, env, url, authorization) => {
    const request = await sent(wire, model, env);
    expect(request.url).toBe(url);
    expect(request.headers.get('authorization')).toBe(authorization);
  },
);

test.each([
  [undefined, 'https://api.anthropic.com/v1/messages'],
  ['http://h:1', 'http://h:1/v1/messages'],
  ['http://h:1/v1/', 'http://h:1/v1/messages'],
])('Anthropic with base_url %s is asked at %s', async (base_url, url) => {
  const model = { provider: 'anthropic', ...(base_url === undefined ? {} : { base_url }) };
  const request = await sent('anthropic', model, { ANTHROPIC_API_KEY: 'k4' });
  expect(request.url).toBe(url);
  expect(request.headers.get('x-api-key')).toBe('k4');
});

test.each([
  [undefined, 'https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse'],
  ['http://h:1/v1beta', 'http://h:1/v1beta/models/m:streamGenerateContent?alt=sse'],
])('Google with base_url %s is asked at %s, with the key in its header', async (base_url, url) => {
  const model = { provider: 'google', ...(base_url === undefined ? {} : { base_url }) };
  const request = await sent('google', model, { GOOGLE_API_KEY: 'k8' });
  expect(request.url).toBe(url);
  expect(request.headers.get('x-goog-api-key')).toBe('k8');
});

test('azure gets its key under its own name too, and a version where one is given; Copilot a client', async () => {
  const azure = { provider: 'azure', base_url: 'https://me.openai.azure.com/openai/v1' };
  const versioned = { ...azure, provider_opts: { api_version: '2026-01-01' } };
  const request = await sent('openai_chatcompletions', versioned, { AZURE_API_KEY: 'k9' });
  expect(request.url).toBe(`${azure.base_url}/chat/completions?api-version=2026-01-01`);
  expect(request.headers.get('api-key')).toBe('k9');
  expect(request.body['api_version']).toBeUndefined();
  const copilot = await sent('openai_chatcompletions', { provider: 'github-copilot' }, { GITHUB_TOKEN: 'k' });
  expect(copilot.headers.get('copilot-integration-id')).not.toBeNull();
});

test("the packages' own environment variables redirect nothing", async () => {
  process.env['OPENAI_BASE_URL'] = 'http://elsewhere.test/v1';
  try {
    const request = await sent('openai_responses', {}, { OPENAI_API_KEY: 'k1' });
    expect(request.url).toBe('https://api.openai.com/v1/responses');
  } finally {
    delete process.env['OPENAI_BASE_URL'];
  }
});

test('nothing is stored at the provider unless the team asks for it', async () => {
  const env = { OPENAI_API_KEY: 'k1' };
  expect((await sent('openai_responses', {}, env)).body['store']).toBe(false);
  expect((await sent('openai_responses', { provider_opts: { store: true } }, env)).body['store']).toBe(true);
});

test('usage is not asked for where the team does not track it', async () => {
  const ollama = { provider: 'ollama' };
  expect((await sent('openai_chatcompletions', ollama, {})).body['stream_options']).toEqual({
    include_usage: true,
  });
  expect(
    (await sent('openai_chatcompletions', { ...ollama, track_usage: false }, {})).body['stream_options'],
  ).toBeUndefined();
});

test('system parts come first and in order; open models get them as one', async () => {
  const chat = await sent('openai_chatcompletions', { provider: 'ollama' }, {});
  expect(array(chat.body['messages'])).toEqual([
    { role: 'system', content: 'You are a test.\n\nBe brief.' },
    { role: 'user', content: 'hi' },
  ]);
  const claude = await sent('anthropic', { provider: 'anthropic' }, { ANTHROPIC_API_KEY: 'k4' });
  expect(array(claude.body['system']).map(({ text }) => text)).toEqual(['You are a test.', 'Be brief.']);
});

test('interleaved thinking of a team becomes the beta that Anthropic calls it', async () => {
  const model = {
    provider: 'anthropic',
    model: 'claude-sonnet-4-5',
    thinking_budget: 2048,
    provider_opts: { interleaved_thinking: true },
  };
  const request = await sent('anthropic', model, { ANTHROPIC_API_KEY: 'k4' });
  expect(request.headers.get('anthropic-beta')).toContain('interleaved-thinking-2025-05-14');
  expect(request.body['interleaved_thinking']).toBeUndefined();
});
