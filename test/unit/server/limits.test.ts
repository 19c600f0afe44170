import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { durable, handMade } from './hand-made.ts';
import { connected, errorOf, exchange, serving, untilEnd } from './on-socket.ts';

/** Status and error code of an answer as it stands on the wire. */
function judged(text: string): [number, string, string] {
  const [, status] = /^HTTP\/1\.1 (\d+) /.exec(text) ?? [];
  const { error } = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as {
    error: { code: string; message: string };
  };
  return [Number(status), error.code, error.message];
}

describe('bytes that are no good request get an error of the table', () => {
  const many = Array.from({ length: 101 }, (_, index) => `x-${index}: y`).join('\r\n');
  test.each<[string, string, number, string, RegExp]>([
    ['no HTTP', 'hello\r\n\r\n', 400, 'invalid_request', /^this is no HTTP request \(HPE_/],
    ['another protocol', '\x16\x03\x01\x02\0\x01\0', 400, 'invalid_request', /^this is no HTTP request/],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400, 'invalid_request', /^send one Host header$/],
    [
      'two hosts',
      'GET /health HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n',
      400,
      'invalid_request',
      /^send one Host/,
    ],
    [
      'a host that is none',
      'GET /health HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n',
      400,
      'invalid_request',
      /^this request cannot be read/,
    ],
    [
      'a path that is none',
      'GET /\\a HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      400,
      'invalid_request',
      /./,
    ],
    [
      'two lengths',
      'POST /v1/run/list HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
      'invalid_request',
      /^this is no HTTP request/,
    ],
    [
      'a long header',
      `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`,
      413,
      'payload_too_large',
      /^the request line and the headers are over 16384 bytes$/,
    ],
    [
      'a long path',
      `GET /${'y'.repeat(17_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
      413,
      'payload_too_large',
      /are over 16384 bytes$/,
    ],
    [
      'many headers',
      `GET /health HTTP/1.1\r\nhost: localhost\r\n${many}\r\n\r\n`,
      413,
      'payload_too_large',
      /^a request has at most 100 headers$/,
    ],
    [
      'a method of its own',
      'BREW /health HTTP/1.1\r\nhost: localhost\r\n\r\n',
      400,
      'invalid_request',
      /^this is no HTTP request/,
    ],
    [
      'an expectation',
      'GET /nothing HTTP/1.1\r\nhost: localhost\r\nexpect: wonders\r\nconnection: close\r\n\r\n',
      404,
      'not_found',
      /./,
    ],
    [
      'a trace',
      'TRACE /nothing HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      404,
      'not_found',
      /./,
    ],
    [
      'an upgrade',
      'GET /nothing HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nconnection: close\r\n\r\n',
      404,
      'not_found',
      /./,
    ],
    [
      'options of all',
      'OPTIONS * HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      400,
      'invalid_request',
      /./,
    ],
  ])('%s', async (_, text, status, code, words) => {
    const listener = await serving();
    const [gotStatus, gotCode, message] = judged(await exchange(listener, text));
    expect([gotStatus, gotCode, message]).toEqual([status, code, expect.stringMatching(words)]);
  });

  test('a tunnel is not made', async () => {
    const listener = await serving();
    expect(await exchange(listener, 'CONNECT evil.example:443 HTTP/1.1\r\nhost: localhost\r\n\r\n')).toBe('');
    expect((await fetch(`${listener.url}/health`)).status).toBe(200);
  });
});

describe('a client that takes its time', () => {
  const slow = { headers_ms: 100, body_ms: 100, check_ms: 20 };

  test.each([
    ['says nothing', ''],
    ['sends headers slowly', 'GET /health HTTP/1.1\r\nhost: loc'],
  ])('%s: the connection ends', async (_, text) => {
    const listener = await serving({ limits: slow });
    expect(judged(await exchange(listener, text))).toEqual([
      400,
      'invalid_request',
      'the headers did not arrive in time',
    ]);
  });

  test('sends a body slowly: it is told, and nothing comes of it', async () => {
    const { transport, calls } = handMade({ call: () => ({}) });
    const listener = await serving({ transport, limits: { ...slow, headers_ms: 10_000 } });
    const head = 'POST /v1/session/list HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
    for (const body of ['content-length: 99\r\n\r\n{', 'transfer-encoding: chunked\r\n\r\n1\r\n{\r\n'])
      expect(judged(await exchange(listener, head + body))).toEqual([
        400,
        'invalid_request',
        'the body did not arrive in time',
      ]);
    expect(calls).toEqual([]);
  });

  test('sends a large body at a fair rate: it has the time that it needs', async () => {
    const { transport, calls } = handMade({});
    // What has arrived earns so much more time that a busy machine sends the rest within it.
    const limits = { ...slow, headers_ms: 10_000, body_bytes_per_second: 20 };
    const listener = await serving({ transport, limits });
    const socket = await connected(listener);
    const answer = untilEnd(socket);
    socket.write(
      'POST /v1/upload/create HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 1200\r\n\r\n',
    );
    for (let part = 0; part < 4; part += 1) {
      socket.write('x'.repeat(300));
      // Longer in all than the 100 ms that a body has without earning more.
      await once(AbortSignal.timeout(60), 'abort');
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(calls).toHaveLength(1);
  });

  test('keeps a connection without a request only for so long', async () => {
    const listener = await serving({ limits: { keep_alive_ms: 50 } });
    const text = await exchange(listener, 'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test('500 connections that do nothing keep nobody out, and are let go', async () => {
  const listener = await serving({ limits: { headers_ms: 1_500, check_ms: 100 } });
  const ends: Promise<string>[] = [];
  const connect = async (): Promise<void> => {
    const socket = await connected(listener);
    ends.push(untilEnd(socket));
  };
  await Promise.all(Array.from({ length: 500 }, connect));
  expect((await fetch(`${listener.url}/health`)).status).toBe(200);
  expect(new Set((await Promise.all(ends)).map((text) => text.slice(0, 12)))).toEqual(
    new Set(['HTTP/1.1 400']),
  );
  expect(listener.open().connections).toBeLessThan(3);
  expect((await fetch(`${listener.url}/health`)).status).toBe(200);
});

test('there are only so many connections', async () => {
  const listener = await serving({ limits: { connections: 3 } });
  await Promise.all([1, 2, 3].map(() => connected(listener)));
  await expect(exchange(listener, 'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n')).resolves.toBe('');
});

test('a connection that drops within a request leaves nothing, and its signal says so', async () => {
  const { promise: reached, resolve: reach } = Promise.withResolvers<AbortSignal | undefined>();
  const { transport } = handMade({
    call: async ({ context }) => {
      reach(context.signal);
      const { promise } = Promise.withResolvers<never>();
      return promise;
    },
  });
  const listener = await serving({ transport });
  const half = await connected(listener);
  half.write('POST /v1/run/list HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{');
  half.destroy();
  const asking = await connected(listener);
  asking.write(
    'POST /v1/run/list HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
  );
  const signal = await reached;
  expect(signal?.aborted).toBe(false);
  asking.destroy();
  await once(signal as AbortSignal, 'abort');
  await expect.poll(() => listener.open()).toEqual({ connections: 0, answers: 0, held_bytes: 0 });
});

describe('caps', () => {
  test('on streams: one more is told when to come again, and gets in when one left', async () => {
    const { transport } = handMade({
      async *follow({ context }) {
        yield durable(1);
        await once(context.signal as AbortSignal, 'abort');
      },
    });
    const listener = await serving({ transport, caps: { streams: 1 } });
    const url = `${listener.url}/v1/session/events?session_id=s`;
    const leave = new AbortController();
    onTestFinished(() => leave.abort());
    expect((await fetch(url, { signal: leave.signal })).status).toBe(200);
    const second = await fetch(url);
    expect([second.status, second.headers.get('retry-after'), await errorOf(second)]).toMatchObject([
      429,
      '5',
      {
        code: 'rate_limited',
        message: '1 streams are open here, as many as may be; try again when one has ended',
      },
    ]);
    leave.abort();
    await expect.poll(async () => (await fetch(url, { signal: AbortSignal.timeout(500) })).status).toBe(200);
  });

  test('on uploads', async () => {
    const listener = await serving({ transport: handMade({}).transport, caps: { uploads: 1 } });
    const first = await connected(listener);
    first.write('POST /v1/upload/create HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\na');
    const upload = () => fetch(`${listener.url}/v1/upload/create`, { method: 'POST', body: 'abc' });
    await expect.poll(async () => (await upload()).status).toBe(429);
    first.destroy();
    await expect.poll(async () => (await upload()).status).toBe(200);
  });
});
