import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { hostNames } from '../../../src/server/guard/host-names.ts';
import { origins } from '../../../src/server/guard/origins.ts';
import type { Listener } from '../../../src/server/listen/listen.ts';
import { handMade } from './hand-made.ts';
import { errorOf, exchange, portOf, serving } from './on-socket.ts';

const ROUTE = '/v1/session/list';

/** `fetch` sets Host and Origin itself; a browser that was led astray sends what it likes. */
async function ask(
  listener: Listener,
  headers: Record<string, string>,
  { method = 'POST', path = ROUTE } = {},
): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const sent = httpRequest({ port: portOf(listener), host: '127.0.0.1', path, method, headers }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => {
      const { statusCode: status = 0 } = answer;
      const body = status === 204 ? null : Buffer.concat(chunks);
      resolve(new Response(body, { status, headers: answer.headers as Record<string, string> }));
    });
  });
  sent.on('error', reject);
  sent.end(method === 'POST' ? '{}' : undefined);
  return promise;
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('the name that a request was sent to', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', 'localhost', true],
    ['127.0.0.1', 'LOCALHOST.:99', true],
    ['127.0.0.1', 'a.localhost', true],
    ['127.0.0.1', '[::1]:8080', true],
    ['127.0.0.1', '192.0.2.7', false],
    ['127.0.0.1', 'evil.example', false],
    ['127.0.0.1', 'localhost.evil.example', false],
    ['127.0.0.1', '127.0.0.1.evil.example', false],
    ['127.0.0.1', 'localhost@evil.example', false],
    ['127.0.0.1', 'evil.example#localhost', false],
    ['127.0.0.1', '', false],
    ['127.0.0.1', 'known.example:1', true],
    ['0.0.0.0', '192.0.2.7:8080', true],
    ['::', '[2001:db8::1]', true],
    ['0.0.0.0', 'localhost', true],
    ['0.0.0.0', 'evil.example', false],
    ['192.0.2.7', '192.0.2.7:80', true],
    ['192.0.2.7', 'localhost', false],
    ['192.0.2.7', '192.0.2.8', false],
    ['box.example', 'Box.example', true],
    ['box.example', '192.0.2.8', false],
  ])('listening on %s, %j: %s', (host, name, isAnswered) => {
    const answersTo = hostNames({ kind: 'tcp', host, port: 1 }, ['Known.example']);
    expect(answersTo(name)).toBe(isAnswered);
  });

  test('decides before anything else, and does not matter on a socket of this user', async () => {
    const { transport, calls } = handMade({ call: () => ({}) });
    const listener = await serving({ transport, allowed_hosts: ['good.example'] });
    for (const host of ['evil.example', 'evil.example:80']) {
      const response = await ask(listener, { ...JSON_TYPE, host }, { path: '/health', method: 'GET' });
      expect([response.status, await errorOf(response)]).toMatchObject([
        403,
        { code: 'forbidden', message: expect.stringContaining(`does not answer to the name "${host}"`) },
      ]);
    }
    const absolute = await exchange(
      listener,
      'POST http://evil.example/v1/session/list HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
    );
    expect(absolute).toMatch(/^HTTP\/1\.1 403 /);
    expect(calls).toEqual([]);
    expect((await ask(listener, { ...JSON_TYPE, host: 'good.example' })).status).toBe(200);
    expect(hostNames({ kind: 'unix', path: '/s' })('any.example')).toBe(true);
  });
});

describe('pages of other sites', () => {
  const allowed_origins = ['https://app.example', 'http://localhost:5173'];

  test('are refused unless allowed, whatever token they have', async () => {
    const { transport, calls } = handMade({ call: () => ({}) });
    const none = await serving({ transport });
    const some = await serving({ transport, allowed_origins });
    for (const [listener, origin] of [
      [none, 'https://app.example'],
      [none, 'http://127.0.0.1'],
      [some, 'https://evil.example'],
      [some, 'http://app.example'],
      [some, 'https://app.example.evil.example'],
      [some, 'null'],
    ] as const) {
      const response = await ask(listener, { ...JSON_TYPE, origin });
      expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, null]);
      expect(await errorOf(response)).toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining(origin),
      });
      const preflight = { origin, 'access-control-request-method': 'POST' };
      expect((await ask(listener, preflight, { method: 'OPTIONS' })).status).toBe(403);
    }
    expect(calls).toEqual([]);
  });

  test('that are allowed get what their browser asks for, and no credentials', async () => {
    const listener = await serving({ allowed_origins, authenticate: async () => undefined });
    const origin = 'https://app.example';
    const preflight = await ask(
      listener,
      { origin, 'access-control-request-method': 'POST', 'access-control-request-private-network': 'true' },
      { method: 'OPTIONS' },
    );
    expect([preflight.status, Object.fromEntries(preflight.headers)]).toMatchObject([
      204,
      {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type, idempotency-key, last-event-id, range',
        'access-control-allow-private-network': 'true',
        'access-control-max-age': '600',
        vary: 'Origin',
        'x-request-id': expect.stringMatching(/^http_/),
      },
    ]);
    expect(preflight.headers.has('access-control-allow-credentials')).toBe(false);
    const answer = await ask(listener, { ...JSON_TYPE, origin });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
    expect(answer.headers.get('access-control-expose-headers')).toBe(
      'x-request-id, x-yonder-run-id, x-yonder-input-id, content-disposition, content-range, retry-after',
    );
    const own = await ask(listener, JSON_TYPE);
    expect([own.headers.get('access-control-allow-origin'), own.headers.get('vary')]).toEqual([
      null,
      'Origin',
    ]);
  });

  test.each(['*', 'null', 'app.example', 'https://app.example/', 'ftp://app.example', 'HTTPS://app.example'])(
    '%s cannot be allowed',
    (origin) => {
      expect(() => origins([origin])).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    },
  );
});

test.each(['token', 'access_token', 'auth-token', 'Authorization', 'api_key', 'apiKey'])(
  'a token in the address (%s) is refused and not repeated',
  async (name) => {
    const listener = await serving();
    const response = await fetch(`${listener.url}/v1/capabilities?${name}=s3cret`);
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([
      400,
      {
        error: {
          code: 'invalid_request',
          message: expect.stringContaining(`an address (${name}): send it as`),
        },
      },
    ]);
    expect(text).not.toContain('s3cret');
  },
);
