import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { UnsupportedError, YonderError } from '../../../src/protocol/errors.ts';
import { get, handlerOver, handMade, post } from './hand-made.ts';

async function errorOf(
  response: Response,
): Promise<{ code: string; message: string; http_request_id: string }> {
  return ((await response.json()) as { error: never }).error;
}

const answering = () => handMade({ call: () => ({ ok: true }) });

test('a request reaches the backend once, with key and answer', async () => {
  const { transport, calls } = answering();
  const response = await handlerOver(transport)(
    post('/v1/session/pause', { session_id: 's', paused: false }, { 'idempotency-key': 'k-1' }),
  );
  expect([response.status, response.headers.get('x-request-id'), await response.json()]).toEqual([
    200,
    'http_1',
    { ok: true },
  ]);
  expect(calls).toMatchObject([
    {
      name: 'session/pause',
      request: { session_id: 's', paused: false },
      context: { idempotency_key: 'k-1', principal: 'admin' },
    },
  ]);
});

test.each(['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'BREW'])(
  '%s is refused with what is allowed',
  async (method) => {
    const handler = handlerOver(answering().transport);
    for (const [path, allowed] of [
      ['/v1/team/load', 'POST'],
      ['/v1/session/events', 'GET'],
      ['/health', 'GET'],
    ] as const) {
      const response = await handler(new Request(`http://yonder.test${path}`, { method }));
      expect([response.status, response.headers.get('allow')]).toEqual([400, allowed]);
      expect((await errorOf(response)).message).toBe(`${path} is ${allowed}, not ${method}`);
    }
  },
);

test('a body that breaks off is refused, and reaches nobody', async () => {
  const { transport, calls } = answering();
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode('{"source":'));
      controller.error(new TypeError('terminated'));
    },
  });
  const response = await handlerOver(transport)(
    new Request('http://yonder.test/v1/team/load', streamed(broken)),
  );
  expect([response.status, calls]).toEqual([400, []]);
  expect((await errorOf(response)).message).toMatch(/^the body broke off after \d+ bytes$/);
});

test('the description of the wire is what is committed, for who has a token', async () => {
  const handler = handlerOver(answering().transport);
  const response = await handler(get('/openapi.json'));
  expect(response.headers.get('content-type')).toBe('application/json');
  const committed = new URL('../../../docs/openapi.json', import.meta.url);
  expect(await response.json()).toEqual(JSON.parse(await readFile(committed, 'utf8')));
  const refused = await handler(get('/openapi.json', { authorization: 'Bearer wrong' }));
  expect(refused.status).toBe(401);
});

test('steer and follow_up are accepted, not done', async () => {
  const handler = handlerOver(answering().transport);
  for (const name of ['steer', 'follow_up']) {
    const response = await handler(
      post(`/v1/session/${name}`, { session_id: 's', messages: [{ content: 'x' }] }),
    );
    expect(response.status).toBe(202);
  }
});

/** Nothing of these reaches the backend. */
test.each<[string, Request, number, string, RegExp]>([
  [
    'the wrong method',
    get('/v1/session/pause'),
    400,
    'invalid_request',
    /^\/v1\/session\/pause is POST, not GET$/,
  ],
  ['a POST for a GET', post('/v1/capabilities', {}), 400, 'invalid_request', /is GET, not POST$/],
  [
    'an unknown route',
    post('/v1/session/fly', {}),
    404,
    'not_found',
    /^there is no operation at \/v1\/session\/fly$/,
  ],
  ['a prototype as a route', post('/v1/constructor', {}), 404, 'not_found', /./],
  [
    'another type',
    post('/v1/team/load', '{}', { 'content-type': 'text/plain' }),
    400,
    'invalid_request',
    /application\/json, not text\/plain$/,
  ],
  [
    'bad JSON',
    post('/v1/team/load', '{"source": }'),
    400,
    'invalid_request',
    /^the body is not JSON: Unexpected token '}', "{"source": }" is not/,
  ],
  [
    'bad JSON further on',
    post('/v1/team/load', '{"source": 1,\n oops}'),
    400,
    'invalid_request',
    /line 2 column 2/,
  ],
  ['an empty body', post('/v1/team/load', ''), 400, 'invalid_request', /^the body is not JSON: /],
  ['a list', post('/v1/team/load', '[]'), 400, 'invalid_request', /^the body must be a JSON object$/],
  [
    'an unknown field',
    post('/v1/team/load', { source: { kind: 'builtin', name: 'x', y: 1 } }),
    400,
    'invalid_request',
    /unknown field source\.y$/,
  ],
  [
    'a field in the address',
    post('/v1/session/pause?session_id=s', {}),
    400,
    'invalid_request',
    /takes its fields in the body/,
  ],
  ['an unknown field of a GET', get('/v1/capabilities?a=1'), 400, 'invalid_request', /unknown field a$/],
  [
    'an unknown field of an upload',
    post('/v1/upload/create?nam=x', 'x'),
    400,
    'invalid_request',
    /unknown field nam$/,
  ],
  [
    'a key with a blank in it',
    post('/v1/team/load', {}, { 'idempotency-key': 'a b' }),
    400,
    'invalid_request',
    /^Idempotency-Key: /,
  ],
  [
    'a cursor that is none',
    get('/v1/session/events?session_id=s&after=x'),
    400,
    'invalid_request',
    /after: must be the number/,
  ],
  [
    'a wrong token',
    post('/v1/team/load', {}, { authorization: 'Bearer wrong' }),
    401,
    'unauthorized',
    /^send a token/,
  ],
  [
    'an unknown route without a token',
    get('/nothing', { authorization: 'Bearer wrong' }),
    401,
    'unauthorized',
    /./,
  ],
  [
    'another charset',
    post('/v1/team/load', '{}', { 'content-type': 'application/json; charset=latin1' }),
    400,
    'invalid_request',
    /^JSON is UTF-8, not charset=latin1$/,
  ],
  [
    'a compressed body',
    post('/v1/team/load', '{}', { 'content-encoding': 'gzip' }),
    400,
    'invalid_request',
    /not in content-encoding: gzip$/,
  ],
  [
    'a compressed upload',
    post('/v1/upload/create', 'x', { 'content-encoding': 'br' }),
    400,
    'invalid_request',
    /not in content-encoding: br$/,
  ],
  ['a field of the probe', get('/health?x=1'), 400, 'invalid_request', /^\/health takes no fields$/],
  [
    'a field that stands twice',
    post('/v1/team/load', '{"trust": {"digest": "a\\":", "digest": "b"}}'),
    400,
    'invalid_request',
    /stands twice/,
  ],
  [
    'a field __proto__',
    post('/v1/team/load', '{"runtime_config": {"env": {"__proto__": "x"}}}'),
    400,
    'invalid_request',
    /cannot be called __proto__$/,
  ],
  [
    'a body that is too deep',
    post('/v1/team/load', `{"source":${'['.repeat(400_000)}${']'.repeat(400_000)}}`),
    400,
    'invalid_request',
    /nested over 200 levels deep$/,
  ],
  [
    'a body of too many fields',
    post('/v1/team/load', { source: Object.fromEntries(Array.from({ length: 10_001 }, (_, n) => [n, n])) }),
    400,
    'invalid_request',
    /more than 10000 fields and list items$/,
  ],
  [
    'a field twice in the address',
    get('/v1/session/events?session_id=a&session_id=b'),
    400,
    'invalid_request',
    /session_id stands in the address twice$/,
  ],
  [
    'a number of an event that is none',
    get('/v1/session/events?session_id=s', { 'last-event-id': '-1' }),
    400,
    'invalid_request',
    /after: must be the number/,
  ],
  ['a slash at the end', post('/v1/team/load/', {}), 404, 'not_found', /team\/load\/$/],
  ['two slashes', post('/v1//team/load', {}), 404, 'not_found', /./],
  ['an encoded slash', post('/v1/team%2Fload', {}), 404, 'not_found', /./],
])('%s is refused', async (_, request, status, code, words) => {
  const { transport, calls } = answering();
  const response = await handlerOver(transport)(request);
  expect(response.status).toBe(status);
  expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
  const error = await errorOf(response);
  expect(error).toMatchObject({ code, http_request_id: 'http_1' });
  expect(error.message).toMatch(words);
  expect(calls).toEqual([]);
});

/** Node asks for `duplex` where a body is a stream; the types of the browser do not know it. */
function streamed(body: ReadableStream): RequestInit & { duplex: 'half' } {
  return { method: 'POST', body, headers: { 'content-type': 'application/json' }, duplex: 'half' };
}

describe('a body over the limit', () => {
  test.each([
    ['that says its length', undefined],
    ['that does not', 'half'],
  ])('%s is refused before the backend is asked', async (_, half) => {
    const { transport, calls } = answering();
    let read = 0;
    const chunk = new Uint8Array(64 * 1024).fill(32);
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        read += chunk.byteLength;
        controller.enqueue(chunk);
      },
    });
    const request =
      half === undefined
        ? post('/v1/team/load', ' '.repeat(2 * 1024 * 1024))
        : new Request('http://yonder.test/v1/team/load', streamed(endless));
    const response = await handlerOver(transport)(request);
    expect([response.status, (await errorOf(response)).code, calls]).toEqual([413, 'payload_too_large', []]);
    expect(read).toBeLessThan(2 * 1024 * 1024);
  });
});

test('health and readiness need no token and say no detail', async () => {
  const { transport, calls } = answering();
  const handler = handlerOver(transport, { authenticate: async () => undefined });
  const health = await handler(get('/health'));
  expect([health.status, await health.json(), calls.length]).toEqual([200, { status: 'ok' }, 0]);
  const ready = await handler(get('/ready'));
  expect([ready.status, await ready.json(), calls.length]).toEqual([200, { status: 'ready' }, 1]);
  expect((await handler(post('/health', {}))).status).toBe(400);
  const sick = handMade({
    call: () => {
      throw new YonderError('store_failed', 'secret detail');
    },
  });
  const response = await handlerOver(sick.transport)(get('/ready'));
  expect([response.status, (await errorOf(response)).message]).toEqual([503, 'not ready']);
});

test.each<[unknown, number, string, string | null]>([
  [new YonderError('run_busy', 'm'), 409, 'run_busy', '1'],
  [new YonderError('queue_full', 'm'), 429, 'queue_full', '1'],
  [new YonderError('conflict', 'm'), 409, 'conflict', null],
  [new YonderError('model_error', 'm', { retryable: true }), 500, 'model_error', '1'],
  [new UnsupportedError('x', 'here'), 501, 'unsupported', null],
  [new TypeError('broken'), 500, 'internal', null],
])(
  '%s becomes its status, with Retry-After where trying again can help',
  async (thrown, status, code, retry) => {
    const { transport } = handMade({
      call: () => {
        throw thrown;
      },
    });
    const response = await handlerOver(transport)(post('/v1/run/list', {}));
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retry]);
    expect((await errorOf(response)).code).toBe(code);
  },
);

describe('bytes', () => {
  const bytes = new TextEncoder().encode('0123456789');
  const { transport } = handMade({
    bytes: () => ({ media_type: 'text/html', name: "a (1)'é\ud800.txt", bytes }),
  });
  const ask = (range?: string) =>
    handlerOver(transport)(get('/v1/blob?session_id=s&id=b', range === undefined ? {} : { range }));

  test.each<[string | undefined, number, string, string | null]>([
    [undefined, 200, '0123456789', null],
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-', 400, '', 'bytes */10'],
    ['bytes=-0', 400, '', 'bytes */10'],
    ['bytes=1-2,4-5', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
  ])('%s', async (range, status, text, told) => {
    const response = await ask(range);
    expect([response.status, response.headers.get('content-range')]).toEqual([status, told]);
    if (status === 400) expect(await errorOf(response)).toMatchObject({ code: 'invalid_request' });
    else expect(await response.text()).toBe(text);
  });

  test('are a file, never a page of the server', async () => {
    const { headers } = await ask();
    expect(headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''a%20%281%29%27%C3%A9%EF%BF%BD.txt",
    );
    expect([headers.get('x-content-type-options'), headers.get('content-type')]).toEqual([
      'nosniff',
      'text/html',
    ]);
  });
});

test('an upload is the raw body with its type and name', async () => {
  const { transport, calls } = answering();
  const response = await handlerOver(transport)(
    post('/v1/upload/create?name=a%20b', '\0\u00ff', { 'content-type': 'image/png' }),
  );
  expect(await response.json()).toEqual({ upload_id: 'u', size: 3, sha256: '0' });
  expect(calls[0]?.request).toEqual({ name: 'a b', media_type: 'image/png' });
});
