import { afterEach, describe, expect, test } from 'vitest';
import { builtInProvider, openaiApiFor } from '../../../src/protocol/providers.ts';
import type { ResolvedModel } from '../../../src/protocol/team.ts';
import type { Interaction } from '../../../src/model/index.ts';
import { startModelServer, type ModelServer } from '../../../src/testing/model-server/server.ts';
import type { ScriptedTurn } from '../../../src/testing/model-server/script.ts';
import { callOf, finishOf, modelFor, run, testModels } from './calls.ts';

const CANARY = 'sk-canary-of-this-machine';

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(...turns: ScriptedTurn[]): Promise<ModelServer> {
  server = await startModelServer(turns);
  return server;
}

/** A built-in model at its provider's own address. */
function builtIn(provider: string, model: string): ResolvedModel {
  return { name: 'main', provider, model, api: builtInProvider(provider)?.api ?? openaiApiFor(model) };
}

const origin = (url: string): string => new URL(url).origin;
const keys = { env: () => CANARY };

describe('through a gateway', () => {
  test.each([
    ['openai', 'gpt-5-mini', '/v1/responses', 'https://api.openai.com/v1'],
    ['openai', 'gpt-4o', '/v1/chat/completions', 'https://api.openai.com/v1'],
    ['anthropic', 'claude-sonnet-4-6', '/v1/messages', 'https://api.anthropic.com/v1'],
    [
      'google',
      'gemini-2.5-flash',
      '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
      'https://generativelanguage.googleapis.com/v1beta',
    ],
    ['mistral', 'mistral-small-latest', '/v1/chat/completions', 'https://api.mistral.ai/v1'],
    ['groq', 'llama-3.3-70b', '/openai/v1/chat/completions', 'https://api.groq.com/openai/v1'],
  ])('%s/%s goes there without a key, and names its own address', async (provider, id, path, base) => {
    const { url, journal, assertValid } = await serve({ text: 'ok' });
    const gateway = `${origin(url)}/team-7/`;
    const models = testModels({ gateway, ...keys });
    const model = builtIn(provider, id);
    expect(models.missingKey(model)).toBeUndefined();
    expect(finishOf(await run(models, callOf(model))).text).toBe('ok');
    const [entry] = journal;
    expect(entry?.path).toBe(`/team-7${path}`);
    expect(entry?.headers.get('x-yonder-forward')).toBe(base);
    expect(entry?.headers.get('x-cagent-forward')).toBe(base);
    expect(JSON.stringify([...(entry?.headers ?? [])]) + JSON.stringify(entry?.body)).not.toContain(CANARY);
    assertValid();
  });

  test('no key is asked for, `auto` is the first provider, and user and password become a header', async () => {
    const { url, journal } = await serve({ text: 'ok' });
    const gateway = origin(url).replace('http://', 'http://me:p%40ss@');
    const models = testModels({ gateway, env: () => undefined });
    expect(await models.resolveAuto()).toMatchObject({ name: 'anthropic/claude-sonnet-4-6' });
    const model = builtIn('openai', 'gpt-4o');
    await run(models, callOf(model));
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(journal[0]?.headers.get('authorization')).toBe(basic);
  });

  test('a model on this machine is asked itself', async () => {
    const asked: string[] = [];
    const models = testModels({
      gateway: 'https://gw.example',
      fetch: (input) => {
        asked.push(input instanceof Request ? input.url : input.toString());
        return Promise.reject(new TypeError('fetch failed'));
      },
      times: { retries: 0 },
    });
    await run(models, callOf(builtIn('ollama', 'qwen3')));
    expect(asked).toEqual(['http://localhost:11434/v1/chat/completions']);
  });

  test.each([200, 404, 502])('HTML with status %i is an error that names the gateway', async (status) => {
    const page = { status, body: '<!doctype html><title>Sign in</title>' };
    const { url } = await serve(page, page, page);
    const models = testModels({ gateway: origin(url) });
    const { error } = await run(models, callOf(builtIn('openai', 'gpt-4o')));
    expect(error).toMatchObject({ code: 'model_error' });
    const words = String((error as Error).message);
    expect(words).toContain(`openai/gpt-4o (through the gateway ${origin(url)})`);
    expect(words).toContain(
      status === 200
        ? 'answered with text/html, not an event stream; check models_gateway'
        : `answered ${status}`,
    );
    expect(words).not.toContain('<');
  });

  test.each(['gw.example', 'ftp://gw', ''])('%j is no gateway', (gateway) => {
    expect(() => testModels({ gateway })).toThrow(
      'models_gateway must be an address that begins with https://',
    );
  });

  test('a recording names the provider, and plays without the gateway', async () => {
    const { url } = await serve({ text: 'recorded' });
    const tape: Interaction[] = [];
    const gateway = origin(url).replace('http://', 'http://me:hidden-word@');
    const model = builtIn('google', 'gemini-2.5-flash');
    const port = { mode: 'record' as const, sink: (one: Interaction) => void tape.push(one) };
    finishOf(await run(testModels({ gateway, cassette: port, ...keys }), callOf(model)));
    expect(tape[0]?.request.url).toBe(
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    );
    expect(JSON.stringify(tape)).not.toMatch(/hidden-word|sk-canary|forward/i);
    const cassette = { mode: 'replay' as const, interactions: tape, match: 'body' as const };
    const played = await run(testModels({ cassette, env: () => undefined }), callOf(model));
    expect(finishOf(played).text).toBe('recorded');
  });
});

test('no key lands in a recording: not from a header, nor from the query of an address', async () => {
  const { url } = await serve({ text: 'ok' }, { text: 'ok' });
  const tape: Interaction[] = [];
  const port = { mode: 'record' as const, sink: (one: Interaction) => void tape.push(one) };
  const models = testModels({ cassette: port, env: () => CANARY });
  finishOf(await run(models, callOf(modelFor('google', url))));
  const fetchWithQuery: typeof fetch = (input, init) => fetch(input, init);
  const again = testModels({ cassette: port, env: () => CANARY, fetch: fetchWithQuery });
  const azure: ResolvedModel = {
    ...modelFor('openai_chatcompletions', url),
    provider: 'azure',
    provider_opts: { api_version: '2026-01-01' },
  };
  finishOf(await run(again, callOf(azure)));
  expect(tape.map((one) => new URL(one.request.url).search)).toEqual(['?alt=sse', '?api-version=2026-01-01']);
  expect(JSON.stringify(tape)).not.toContain(CANARY);
});
