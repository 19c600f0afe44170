import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { createModels } from '../../../src/model/index.ts';
import { parseCassette } from '../../../src/model/cassette/yaml.ts';
import { scriptCassette } from '../../../src/testing/model-server/script-cassette.ts';
import type { ResolvedModel } from '../../../src/protocol/team.ts';
import { callOf, finishOf, run } from './calls.ts';

const CLAUDE: ResolvedModel = {
  name: 'a',
  provider: 'anthropic',
  model: 'claude-sonnet-4-6',
  api: 'anthropic',
};

let local: Server | undefined;
afterEach(async () => {
  if (local === undefined) return;
  local.closeAllConnections();
  local.close();
  await once(local, 'close');
  local = undefined;
});

const nobody: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));

function models(
  env: Record<string, string>,
  fetchModels = nobody,
  localAnswer = 300,
): ReturnType<typeof createModels> {
  return createModels({ env: (name) => env[name], fetch: fetchModels, times: { localAnswer } });
}

describe('a missing key', () => {
  test('names the variable and the page, before any request', async () => {
    const { error } = await run(models({}), callOf(CLAUDE));
    expect(error).toMatchObject({
      code: 'model_unavailable',
      message:
        'anthropic/claude-sonnet-4-6 needs a key: set the environment variable ANTHROPIC_API_KEY, or: yonder auth login ANTHROPIC_API_KEY (see docs/models-and-keys.md)',
    });
  });

  test.each([
    [CLAUDE, {}, 'ANTHROPIC_API_KEY'],
    [CLAUDE, { ANTHROPIC_API_KEY: 'k' }, undefined],
    [CLAUDE, { ANTHROPIC_API_KEY: '  ' }, 'ANTHROPIC_API_KEY'],
    [{ ...CLAUDE, token_key: 'MINE' }, { ANTHROPIC_API_KEY: 'k' }, 'MINE'],
    [{ ...CLAUDE, token_key: 'MINE', base_url: 'http://h' }, {}, 'MINE'],
    [{ ...CLAUDE, base_url: 'http://h' }, {}, undefined],
    [{ ...CLAUDE, provider: 'ollama', api: 'openai_chatcompletions' }, {}, undefined],
  ] as [ResolvedModel, Record<string, string>, string | undefined][])(
    '%j with %j: %s',
    (model, env, missing) => {
      expect(models(env).missingKey(model)).toBe(missing);
    },
  );
});

describe('model: auto', () => {
  test('looks for keys beyond the variables no further than the first that is there', async () => {
    const asked: string[] = [];
    const auto = async (set: Record<string, string>, found: Record<string, string>) => {
      asked.length = 0;
      const kept = new Map<string, string>();
      const made = createModels({
        env: (name) => set[name] ?? kept.get(name),
        fetch: nobody,
        findKeys: async (names) => {
          asked.push(...names);
          for (const name of names) if (found[name] !== undefined) kept.set(name, found[name]);
        },
      });
      return [(await made.resolveAuto()).provider, ...asked];
    };
    expect(await auto({ ANTHROPIC_API_KEY: 'k' }, {})).toEqual(['anthropic']);
    expect(await auto({ GOOGLE_API_KEY: 'k' }, { OPENAI_API_KEY: 'k' })).toEqual([
      'openai',
      'ANTHROPIC_API_KEY',
      'OPENAI_API_KEY',
    ]);
  });

  test.each([
    [{ ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k' }, 'anthropic/claude-sonnet-4-6', 'anthropic'],
    [{ OPENAI_API_KEY: 'k', MISTRAL_API_KEY: 'k' }, 'openai/gpt-5-mini', 'openai_responses'],
    [{ GOOGLE_API_KEY: 'k', MISTRAL_API_KEY: 'k' }, 'google/gemini-2.5-flash', 'google'],
    [{ MISTRAL_API_KEY: 'k' }, 'mistral/mistral-small-latest', 'mistral'],
  ])('%j gives %s', async (env, name, api) => {
    expect(await models(env).resolveAuto()).toMatchObject({ name, api });
  });

  test('without a key, a local model that answers', async () => {
    local = createServer((_request, response) =>
      response.end(JSON.stringify({ data: [{ id: 'qwen3:8b' }] })),
    );
    local.listen(0, '127.0.0.1');
    await once(local, 'listening');
    const address = local.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const asked: string[] = [];
    const toLocal: typeof fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      asked.push(url.href);
      return url.port === '11434'
        ? fetch(`http://127.0.0.1:${port}${url.pathname}`, init)
        : nobody(input, init);
    };
    expect(await models({}, toLocal, 20_000).resolveAuto()).toMatchObject({
      name: 'ollama/qwen3:8b',
      provider: 'ollama',
    });
    expect(asked).toEqual([
      'data:,',
      'http://localhost:11434/v1/models',
      'http://localhost:12434/engines/v1/models',
    ]);
  });

  test('with nothing at all: three lines', async () => {
    const error: unknown = await models({})
      .resolveAuto()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'model_unavailable' });
    const lines = String((error as Error).message).split('\n');
    expect(lines.length).toBe(3);
    expect(lines[0]).toContain('ANTHROPIC_API_KEY, OPENAI_API_KEY, GOOGLE_API_KEY, MISTRAL_API_KEY');
    expect(lines[1]).toContain('ollama');
    expect(lines[2]).toContain('yonder demo');
  });

  test('a local server that hangs costs 300 ms, not more', async () => {
    const hanging: typeof fetch = (input, init) =>
      input === 'data:,'
        ? nobody(input)
        : new Promise((_resolve, reject) => {
            init?.signal?.addEventListener('abort', () => reject(new Error('too late')));
          });
    const began = performance.now();
    await expect(models({}, hanging).resolveAuto()).rejects.toMatchObject({ code: 'model_unavailable' });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('while a cassette plays, it is what was recorded, and no key is asked for', async () => {
    const { interactions } = parseCassette(
      scriptCassette([{ text: 'played' }], { api: 'anthropic', model: 'claude-haiku-4-5' }),
    );
    const replaying = createModels({
      env: () => undefined,
      fetch: nobody,
      cassette: { mode: 'replay', interactions, match: 'order' },
    });
    expect(replaying.needsKey).toBe(false);
    expect(replaying.missingKey(CLAUDE)).toBeUndefined();
    expect(await replaying.resolveAuto()).toMatchObject({ provider: 'anthropic', model: 'claude-haiku-4-5' });
    const auto: ResolvedModel = { name: 'auto', provider: 'auto', model: 'auto', api: 'auto' };
    expect(finishOf(await run(replaying, callOf(auto)))).toMatchObject({
      text: 'played',
      model: 'anthropic/claude-haiku-4-5',
    });
  });
});

describe('what is not built yet', () => {
  test.each([
    ['amazon-bedrock', 'amazon_bedrock'],
    ['vertex', 'vertex'],
  ] as const)('%s is refused by name', async (provider, api) => {
    const model: ResolvedModel = { name: 'x', provider, model: 'm', api };
    const { error, parts } = await run(models({ GOOGLE_API_KEY: 'k' }), callOf(model));
    expect(parts).toEqual([]);
    expect(error).toMatchObject({ code: 'unsupported', feature: `the provider ${provider}` });
  });

  test('azure without base_url says what it lacks', async () => {
    const model: ResolvedModel = { name: 'x', provider: 'azure', model: 'm', api: 'openai_chatcompletions' };
    const { error } = await run(models({ AZURE_API_KEY: 'k' }), callOf(model));
    expect(error).toMatchObject({ code: 'model_unavailable' });
  });
});

describe('the catalogue', () => {
  test('knows price and context of a model, and says when it does not', async () => {
    const facts = await models({}).describe(CLAUDE);
    expect(facts.price).toMatchObject({ input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 });
    expect(facts.context_limit).toBeGreaterThan(100_000);
    expect(await models({}).describe({ ...CLAUDE, model: 'claude-of-2031' })).toEqual({});
  });

  test('lists models with whether their key is there', async () => {
    const listed = await models({ OPENAI_API_KEY: 'k' }).list();
    const gpt = listed.find((one) => one.provider === 'openai' && one.model === 'gpt-5-mini');
    expect(gpt).toMatchObject({ token_key: 'OPENAI_API_KEY', key_present: true });
    expect(listed.find((one) => one.provider === 'anthropic')).toMatchObject({ key_present: false });
  });
});
