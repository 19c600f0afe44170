import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { RequestEntry } from '../../../src/server/request-log.ts';
import { requestLog } from '../../../src/server/request-log.ts';
import { YonderError } from '../../../src/protocol/errors.ts';
import { LOCAL_CONTEXT } from '../../../src/protocol/context.ts';
import { Caps } from '../../../src/server/guard/caps.ts';
import { servedStreams } from '../../../src/server/served-streams.ts';
import { durable, handMade } from './hand-made.ts';
import { connected, exchange, serving } from './on-socket.ts';

const EVENTS = '/v1/session/events?session_id=s';
const GOODBYE =
  'data: {"type":"stream_closing","reason":"host_closing","message":"the server is ending"}\n\n';

test('a server that closes says so on its streams, lets answers be finished, and takes nothing new', async () => {
  const { promise: finish, resolve: finished } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let released = 0;
  const { transport } = handMade({
    async *follow({ context }) {
      try {
        yield durable(1);
        await once(context.signal as AbortSignal, 'abort');
      } finally {
        released += 1;
      }
    },
    call: async () => {
      begin();
      await finish;
      return { sessions: [] };
    },
  });
  const listener = await serving({ transport });
  const streams = await Promise.all([1, 2].map(() => fetch(`${listener.url}${EVENTS}`)));
  const idle = await connected(listener);
  const asking = fetch(`${listener.url}/v1/session/list`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  await begun;
  const closed = listener.close({ drain_ms: 10_000 });
  for (const stream of streams)
    expect(await stream.text()).toBe(`id: 1\ndata: ${durable(1).json}\n\n${GOODBYE}`);
  await once(idle, 'close');
  await expect(connected(listener)).rejects.toThrow('ECONNREFUSED');
  finished();
  expect((await asking).status).toBe(200);
  await closed;
  expect(released).toBe(2);
});

test('a stream that said itself why it closes says it once', async () => {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>();
  const { transport } = handMade({
    async *follow() {
      yield durable(1);
      await told;
      yield {
        seq: undefined,
        type: 'stream_closing',
        json: '{"type":"stream_closing","reason":"owner_gone"}',
      };
      await Promise.withResolvers<never>().promise;
    },
  });
  const listener = await serving({ transport });
  const stream = await fetch(`${listener.url}${EVENTS}`);
  tell();
  const text = stream.text();
  await expect.poll(() => listener.open().answers).toBe(0);
  await listener.close({ drain_ms: 1_000 });
  expect(await text).toMatch(/^id: 1\n.*\n\ndata: \{"type":"stream_closing","reason":"owner_gone"\}\n\n$/);
});

test('what does not end in time is ended', async () => {
  const { transport } = handMade({ call: () => Promise.withResolvers<never>().promise });
  const listener = await serving({ transport });
  const asking = exchange(
    listener,
    'POST /v1/run/list HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
  );
  await expect.poll(() => listener.open().answers).toBe(1);
  await listener.close({ drain_ms: 20 });
  expect(await asking).toBe('');
});

test('a request is one line of the log, without what it was about', async () => {
  const entries: RequestEntry[] = [];
  const { transport } = handMade({
    call: ({ name }) => {
      if (name === 'run/list') throw new TypeError('secret words');
      return { sessions: [] };
    },
    async *follow() {
      yield durable(1);
    },
  });
  const listener = await serving({
    transport,
    debug: true,
    log: (entry) => void entries.push(entry),
    authenticate: async (request) =>
      request.headers.has('authorization') ? { principal: 'ana', scopes: ['read'] } : undefined,
  });
  const ask = async (path: string, body?: string): Promise<void> => {
    const headers = { authorization: 'Bearer s3cret', 'content-type': 'application/json' };
    const init = body === undefined ? { headers } : { method: 'POST', body, headers };
    await (await fetch(`${listener.url}${path}`, init)).text();
  };
  await ask(`${EVENTS}&after=0`);
  await ask('/v1/session/list', '{"query":"private"}');
  await ask('/v1/run/list', '{}');
  await ask('/someones-private-path?token=s3cret');
  await fetch(`${listener.url}/v1/run/list`, { method: 'POST' });
  await exchange(listener, 'private\r\n\r\n');
  await expect.poll(() => entries.length).toBe(6);
  const plain = entries.map(({ time, request_id, duration_ms, stack, ...rest }) => {
    expect([time, request_id]).toEqual([
      expect.stringMatching(/^2\d{3}-\d\d-\d\dT[\d:.]+Z$/),
      expect.stringMatching(/^http_[\da-f-]{36}$/),
    ]);
    expect(Number.isInteger(duration_ms)).toBe(true);
    return { ...rest, ...(stack === undefined ? {} : { stack: stack.split('\n')[0] }) };
  });
  expect(plain).toEqual([
    { method: 'GET', route: 'session/events', status: 200, principal: 'ana' },
    { method: 'POST', route: 'session/list', status: 200, principal: 'ana' },
    {
      method: 'POST',
      route: 'run/list',
      status: 500,
      principal: 'ana',
      code: 'internal',
      stack: expect.stringMatching(/^ +at /),
    },
    { method: 'GET', route: '-', status: 400, code: 'invalid_request' },
    { method: 'POST', route: 'run/list', status: 401, code: 'unauthorized' },
    { method: '-', route: '-', status: 400, code: 'invalid_request' },
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/s3cret|private|secret words/);
});

test('who goes away, or sends too slowly, is one line too, and no fault of the server', async () => {
  const entries: RequestEntry[] = [];
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { transport } = handMade({
    call: async ({ context }) => {
      reach();
      await once(context.signal as AbortSignal, 'abort');
      throw new Error('aborted');
    },
  });
  const listener = await serving({
    transport,
    log: (entry) => void entries.push(entry),
    limits: { body_ms: 50 },
  });
  const head = 'POST /v1/run/list HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
  const socket = await connected(listener);
  socket.write(`${head}content-length: 2\r\n\r\n{}`);
  await reached;
  socket.destroy();
  await expect.poll(() => entries.length).toBe(1);
  await exchange(listener, `${head}content-length: 2\r\n\r\n{`);
  await expect.poll(() => listener.open().connections).toBe(0);
  expect(entries.map(({ status, code }) => [status, code])).toEqual([
    [499, undefined],
    [400, 'invalid_request'],
  ]);
});

test('a reader that is busy when the server closes gets the goodbye with its next look', async () => {
  const caps = new Caps({ streams: 1 });
  const closing = new AbortController();
  const { transport } = handMade({
    async *follow() {
      yield durable(1);
      yield durable(2);
    },
  });
  const served = servedStreams(transport, caps, closing.signal);
  const stream = served.follow('session/events', LOCAL_CONTEXT, { session_id: 's' })[Symbol.asyncIterator]();
  expect((await stream.next()).value?.seq).toBe(1);
  expect(caps.open('streams')).toBe(1);
  closing.abort();
  expect((await stream.next()).value?.type).toBe('stream_closing');
  expect([await stream.next(), caps.open('streams')]).toEqual([{ done: true, value: undefined }, 0]);
});

test.each([
  [
    'json',
    '{"time":"T","request_id":"r","method":"GET","route":"-","status":503,"duration_ms":2,"code":"unavailable"}\n',
  ],
  ['text', 'T r GET - 503 2ms - unavailable\n'],
] as const)('%s', (format, line) => {
  const lines: string[] = [];
  const { code } = new YonderError('unavailable', 'm');
  requestLog(
    format,
    (text) => void lines.push(text),
  )({
    time: 'T',
    request_id: 'r',
    method: 'GET',
    route: '-',
    status: 503,
    duration_ms: 2,
    code,
  });
  expect(lines).toEqual([line]);
});
