import { afterEach, describe, expect, test } from 'vitest';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { YonderError } from '../../../src/protocol/errors.ts';
import { startModelServer, type ModelServer } from '../../../src/testing/model-server/server.ts';
import type { ScriptedTurn } from '../../../src/testing/model-server/script.ts';
import { callOf, finishOf, KEY, modelFor, run, testModels, WIRES, type Collected } from './calls.ts';

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(...turns: ScriptedTurn[]): Promise<ModelServer> {
  server = await startModelServer(turns);
  return server;
}

function errorOf(collected: Collected): YonderError {
  if (collected.error instanceof YonderError) return collected.error;
  throw new Error(`no error of ours: ${String(collected.error)}`);
}

function attempts(collected: Collected): [number, boolean, number][] {
  return collected.parts.flatMap((part) =>
    part.type === 'attempt_failed'
      ? [[part.attempt, part.will_retry, part.delay_ms] as [number, boolean, number]]
      : [],
  );
}

describe.each(WIRES)('%s', (api) => {
  test.each([
    ['the connection breaks', { text: 'x'.repeat(100), cut_after: 6 }],
    ['the stream ends too early', { text: 'x'.repeat(100), stop_after: 6 }],
    ['nothing comes before the end', { text: 'x', stop_after: 0 }],
    ['the answer is empty', { text: '' }],
    ['garbage comes with status 200', { status: 200, body: '<html>login</html>' }],
    ['the server is overloaded', { status: 529, error: { message: 'Overloaded', type: 'overloaded_error' } }],
    ['the server fails', { status: 500, error: { message: 'oops', type: 'server_error' } }],
    [
      'the stream holds an error',
      {
        text: 'x'.repeat(100),
        error_after: 6,
        error: { message: 'oops', type: 'api_error', code: 'server_error' },
      },
    ],
  ] satisfies [string, ScriptedTurn][])('%s: the attempt is void and made again', async (_what, turn) => {
    const { url, assertValid, journal } = await serve(turn, { text: 'at last' });
    const collected = await run(testModels(), callOf(modelFor(api, url), { attempt: 4 }));
    expect(finishOf(collected).text).toBe('at last');
    expect(attempts(collected)).toEqual([[4, true, 200]]);
    const failed = collected.parts.findIndex((part) => part.type === 'attempt_failed');
    const after = collected.parts
      .slice(failed)
      .flatMap((part) => (part.type === 'text_delta' ? [part.text] : []));
    expect(after.join('')).toBe('at last');
    expect(journal.length).toBe(2);
    assertValid();
  });

  test.each([
    ['cut', { text: 'x'.repeat(100), cut_after: 6 }, /cut off|without saying/],
    ['garbage', { status: 200, body: '<html>login</html>' }, /text\/html, not an event stream/],
    ['empty', { text: '' }, /empty answer/],
    ['500', { status: 500, error: { message: 'disk on fire' } }, /answered 500 \([^)]+\): disk on fire$/],
  ] satisfies [string, ScriptedTurn, RegExp][])(
    '%s three times is a model_error',
    async (_what, turn, words) => {
      const { url } = await serve(turn, turn, turn, { text: 'never asked for' });
      const collected = await run(testModels(), callOf(modelFor(api, url)));
      expect(errorOf(collected)).toMatchObject({
        code: 'model_error',
        message: expect.stringMatching(words),
      });
      expect(attempts(collected)).toEqual([
        [1, true, 200],
        [2, true, 400],
        [3, false, 0],
      ]);
    },
  );

  test.each([
    [401, 'wrong key', 'model_error'],
    [404, 'no such model: gpt-99', 'model_error'],
    [400, 'bad schema', 'model_error'],
    [429, 'slow down', 'rate_limited'],
    [400, 'prompt is too long: 250000 tokens > 200000 maximum', 'context_exceeded'],
    [400, "This model's maximum context length is 128000 tokens.", 'context_exceeded'],
  ] as const)('status %i "%s" is %s at once, in the provider\'s words', async (status, message, code) => {
    const { url } = await serve(
      { status, error: { message, type: 'some_error', code: 'some_code' } },
      { text: 'never' },
    );
    const collected = await run(testModels(), callOf(modelFor(api, url)));
    const error = errorOf(collected);
    expect(error.code).toBe(code);
    expect(error.message.split(message).length).toBe(2);
    expect(error.message).toContain(
      `answered ${status} (${api === 'anthropic' ? 'some_error' : 'some_code'})`,
    );
    expect(error.details).toMatchObject({ status });
    expect(attempts(collected)).toEqual([[1, false, 0]]);
  });

  test('a prompt that is found too long inside the stream is context_exceeded too', async () => {
    const error = {
      message: 'prompt is too long',
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
    };
    const { url } = await serve({ text: 'x'.repeat(100), error_after: 5, error }, { text: 'never' });
    const collected = await run(testModels(), callOf(modelFor(api, url)));
    expect(errorOf(collected).code).toBe('context_exceeded');
    expect(attempts(collected)).toEqual([[1, false, 0]]);
  });

  test('Retry-After is shown', async () => {
    const { url } = await serve({
      status: 429,
      error: { message: 'slow down' },
      headers: { 'retry-after': '17' },
    });
    const error = errorOf(await run(testModels(), callOf(modelFor(api, url))));
    expect(error.message).toMatch(/: slow down; it asks to wait 17 s$/);
    expect(error.details).toMatchObject({ retry_after: '17' });
  });

  test('an error never holds the key', async () => {
    const { url } = await serve({ status: 401, error: { message: `Incorrect API key provided: ${KEY}` } });
    const error = errorOf(await run(testModels(), callOf(modelFor(api, url))));
    expect(error.message).toContain('Incorrect API key provided: [redacted]');
    expect(error.message).not.toContain(KEY);
  });

  test('a silent model is warned about, then given up', async () => {
    const { url } = await serve({ text: 'x'.repeat(100), hang_after: 6 }, { text: 'never' });
    const models = testModels({ times: { silentAfter: 60, giveUpAfter: 240 } });
    const collected = await run(models, callOf(modelFor(api, url)));
    // On a machine that has much to do there may have been a silence before it, too.
    expect(collected.parts.slice(-2).map((part) => part.type)).toEqual(['silent', 'attempt_failed']);
    expect(errorOf(collected)).toMatchObject({ code: 'timeout' });
    expect(attempts(collected)).toEqual([[1, false, 0]]);
  });

  test('a server that takes the request and says nothing at all is silent too', async () => {
    const { url, journal } = await serve({ hang_after: 'before' });
    const models = testModels({ times: { silentAfter: 60, giveUpAfter: 200 } });
    const collected = await run(models, callOf(modelFor(api, url)));
    expect(collected.parts.slice(-2).map((part) => part.type)).toEqual(['silent', 'attempt_failed']);
    expect(errorOf(collected).code).toBe('timeout');
    await expect.poll(() => journal[0]?.aborted).toBe(true);
  });

  // How long a byte takes is not in our hands; that any ends a silence is shown exactly in silence.test.ts.
  test('a slow model is not silent', { retry: 3 }, async () => {
    const { url } = await serve({ text: 'slow but here', delay_ms: 30, delta_size: 1 });
    const collected = await run(
      testModels({ times: { silentAfter: 350, giveUpAfter: 2_000 } }),
      callOf(modelFor(api, url)),
    );
    expect(finishOf(collected).text).toBe('slow but here');
    expect(collected.parts.some((part) => part.type === 'silent')).toBe(false);
  });

  test('broken arguments are handed on as they came', async () => {
    const { url } = await serve({ tool_calls: [{ name: 'read_file', arguments: '{"path": "a' }] });
    if (api === 'google') {
      // Its calls come whole; a broken one ends the answer there with an error of its own.
      const collected = await run(testModels({ times: { retries: 0 } }), callOf(modelFor(api, url)));
      expect(errorOf(collected).message).toContain('ended its answer with an error');
      return;
    }
    const finish = finishOf(await run(testModels(), callOf(modelFor(api, url))));
    expect(finish.tool_calls[0]?.function.arguments).toBe('{"path": "a');
  });
});

test('a server that is not there is tried again, then named by its fault', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const model = modelFor('openai_chatcompletions', `http://127.0.0.1:${port}/v1`);
  const collected = await run(testModels(), callOf(model));
  expect(errorOf(collected).message).toContain('cannot be reached (ECONNREFUSED)');
  expect(attempts(collected).length).toBe(3);
});

test('no quota is no reason to wait', async () => {
  const error = {
    message: 'You exceeded your current quota',
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  };
  const { url } = await serve({ status: 429, error });
  const thrown = errorOf(await run(testModels(), callOf(modelFor('openai_responses', url))));
  expect(thrown).toMatchObject({ code: 'rate_limited', retryable: false });
  expect(thrown.message).toContain('insufficient_quota');
});

test('stopped by max_tokens before it said anything: not tried again', async () => {
  const { url } = await serve({ reasoning: 'hm', text: '', finish_reason: 'length' }, { text: 'never' });
  const collected = await run(testModels(), callOf(modelFor('openai_chatcompletions', url)));
  expect(errorOf(collected).message).toContain('raise max_tokens');
  expect(attempts(collected)).toEqual([[1, false, 0]]);
});

test('an abort while waiting for the next attempt throws its reason', async () => {
  const { url } = await serve({ status: 500, error: { message: 'oops' } });
  const controller = new AbortController();
  const reason = new Error('stopped');
  const sleep = (_ms: number, signal: AbortSignal): Promise<void> => {
    controller.abort(reason);
    return Promise.reject(signal.reason);
  };
  const collected = await run(testModels({ sleep }), callOf(modelFor('anthropic', url)), controller.signal);
  expect(collected.error).toBe(reason);
});

test('delays double up to the longest, with a tenth of jitter either way', async () => {
  const { url } = await serve(
    ...Array.from({ length: 7 }, () => ({ status: 503, error: { message: 'busy' } })),
  );
  const waits: number[] = [];
  const sleep = (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  let draw = 0;
  const models = testModels({ sleep, random: () => (draw++ % 2 === 0 ? 0 : 1), times: { retries: 5 } });
  await run(models, callOf(modelFor('anthropic', url)));
  expect(waits).toEqual([180, 440, 720, 1760, 1800]);
});
