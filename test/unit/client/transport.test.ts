import path from 'node:path';
import { build } from 'esbuild';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { LOCAL_CONTEXT } from '../../../src/protocol/context.ts';
import { UnsupportedError } from '../../../src/protocol/errors.ts';
import { backendOver, CAPABILITIES } from './fake-server.ts';

test('the version is asked for once, and first', async () => {
  let asked = 0;
  const { backend } = backendOver([() => Response.json({ runs: [] })], {
    capabilities: () => {
      asked += 1;
      return Response.json(CAPABILITIES);
    },
  });
  await Promise.all([backend.listRuns(LOCAL_CONTEXT, {}), backend.listRuns(LOCAL_CONTEXT, {})]);
  expect(asked).toBe(1);
});

test.each([
  ['2.0', 'protocol_mismatch', 'the server speaks protocol 2.0, this client 1.0; use the same major version'],
  ['0.9', 'protocol_mismatch', 'the server speaks protocol 0.9, this client 1.0; use the same major version'],
])('a server that speaks %s gets no other request', async (protocol, code, message) => {
  const { backend, requests } = backendOver([() => Response.json({})], {
    capabilities: () => Response.json({ ...CAPABILITIES, protocol }),
  });
  await expect(backend.listRuns(LOCAL_CONTEXT, {})).rejects.toMatchObject({ code, message });
  expect(requests).toEqual([]);
});

test('a newer minor version of the same major is understood', async () => {
  const { backend } = backendOver([() => Response.json({ runs: [], new: 1 })], {
    capabilities: () => Response.json({ ...CAPABILITIES, protocol: '1.7', more: true }),
  });
  expect(await backend.listRuns(LOCAL_CONTEXT, {})).toEqual({ runs: [], new: 1 });
});

test('the token goes in its header, the key with what changes something, fields in the body', async () => {
  const { backend, requests } = backendOver([() => Response.json({ input_id: 'i', paused: false })], {
    token: 'secret',
  });
  await backend.session('s').pause({ ...LOCAL_CONTEXT, idempotency_key: 'mine' }, { paused: false });
  await backend.session('s').pause(LOCAL_CONTEXT, { paused: false });
  await backend
    .session('s')
    .usage(LOCAL_CONTEXT, {})
    .catch(() => undefined);
  const [first, second, third] = requests;
  expect(first?.url).toBe('http://yonder.test/v1/session/pause');
  expect([first, second, third].map((request) => request?.headers.get('authorization'))).toEqual(
    Array(3).fill('Bearer secret'),
  );
  expect(first?.headers.get('idempotency-key')).toBe('mine');
  expect(second?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
  expect(third?.headers.get('idempotency-key')).toBeNull();
  expect(await first?.text()).toBe('{"paused":false,"session_id":"s"}');
});

test('an empty session/create travels as its three booleans', async () => {
  const { backend, requests } = backendOver([() => Response.json({})]);
  await backend.createSession(LOCAL_CONTEXT, {}).catch(() => undefined);
  expect(await requests[0]?.text()).toBe(
    '{"tools_approved":false,"hide_tool_results":false,"snapshots_enabled":false}',
  );
});

describe('an answer that is not ours', () => {
  test.each<[string, () => Response, object]>([
    [
      'a page of a proxy',
      () => new Response('<h1>Bad\n gateway</h1>', { status: 502 }),
      { code: 'unavailable', retryable: true, message: 'http://yonder.test answered 502: Bad gateway' },
    ],
    [
      'another program',
      () => new Response('', { status: 404 }),
      { code: 'unavailable', retryable: false, message: 'http://yonder.test answered 404' },
    ],
    [
      'no JSON',
      () => new Response('ok'),
      {
        code: 'unavailable',
        retryable: false,
        message:
          'http://yonder.test answered something that is not what a Yonder server says; is there a proxy or another program in between? (ok)',
      },
    ],
    [
      'a login page',
      () =>
        new Response('<html><style>p{}</style><p>Sign in</p>', { headers: { 'content-type': 'text/html' } }),
      {
        code: 'unavailable',
        retryable: false,
        message:
          'http://yonder.test answered a web page that is not what a Yonder server says; is there a proxy or another program in between? (Sign in)',
      },
    ],
    ['another answer', () => Response.json({ runs: 7 }), { code: 'internal' }],
    [
      'half of one',
      () =>
        new Response(new ReadableStream({ start: (controller) => controller.error(new TypeError('cut')) })),
      { code: 'unavailable', retryable: true },
    ],
  ])('%s', async (_, answer, error) => {
    const times = { firstDelay: 1, longestDelay: 2, stall: 5_000, giveUpAfter: 20 };
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const slowly = (): Response | Promise<Response> => {
      vi.setSystemTime(Date.now() + 15);
      return answer();
    };
    const { backend, requests } = backendOver([slowly], { times });
    await expect(backend.listRuns(LOCAL_CONTEXT, {})).rejects.toMatchObject(error);
    // What trying again can mend was tried again.
    expect(requests.length > 1).toBe('retryable' in error && error.retryable === true);
  });

  test('an unsupported one is of its class', async () => {
    const body = {
      error: {
        code: 'unsupported',
        message: 'x is not supported yet',
        retryable: false,
        details: { feature: 'x', place: 'yet' },
      },
    };
    const { backend } = backendOver([() => Response.json(body, { status: 501 })]);
    await expect(backend.session('s').undo(LOCAL_CONTEXT, {})).rejects.toBeInstanceOf(UnsupportedError);
  });
});

test('an abort ends a call that waits, for the version too', async () => {
  const { promise: never } = Promise.withResolvers<Response>();
  const { backend } = backendOver([() => Response.json({ runs: [] })], { capabilities: () => never });
  const stop = new AbortController();
  const call = backend.listRuns({ ...LOCAL_CONTEXT, signal: stop.signal }, {});
  stop.abort(new Error('enough'));
  await expect(call).rejects.toThrow('enough');
});

test.each(['client', 'protocol'])('%s bundles for a browser without any module of Node', async (room) => {
  const result = await build({
    entryPoints: [path.join(import.meta.dirname, `../../../src/${room}/index.ts`)],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  expect(result.errors).toEqual([]);
  expect(result.outputFiles[0]?.text).not.toMatch(/\b(from|import|require)\s*\(?["']node:/);
  const rooms = Object.keys(result.metafile.inputs).flatMap(
    (file) => /(?:^|\/)src\/([^/]+)\//.exec(file)?.[1] ?? [],
  );
  expect([...new Set(rooms)].filter((name) => name !== 'zod').toSorted()).toEqual(
    room === 'client' ? ['client', 'protocol'] : ['protocol'],
  );
});
