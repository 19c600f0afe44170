import { expect, onTestFinished, test, vi } from 'vitest';
import { connectionError } from '../../../src/client/lost.ts';
import { LOCAL_CONTEXT } from '../../../src/protocol/context.ts';
import { backendOver, CAPABILITIES, line, seen, sse } from './fake-server.ts';

const coded = (code: string): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
const CLOSING = 'data: {"type":"stream_closing","reason":"shutdown"}\n\n';
const TIMES = { firstDelay: 1, longestDelay: 2, stall: 5_000, giveUpAfter: 5_000 };

test.each([
  ['ECONNREFUSED', ': nobody listens there (ECONNREFUSED)', true, true],
  ['ENOTFOUND', ': its name is not known (ENOTFOUND)', true, true],
  ['ECONNRESET', ': the connection broke off (ECONNRESET)', true, false],
  [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    ': its certificate is not trusted here; name its authority in NODE_EXTRA_CA_CERTS (DEPTH_ZERO_SELF_SIGNED_CERT)',
    false,
    true,
  ],
  [
    'ERR_SSL_WRONG_VERSION_NUMBER',
    ': it does not speak TLS; try http:// (ERR_SSL_WRONG_VERSION_NUMBER)',
    false,
    true,
  ],
  ['HPE_INVALID_CONSTANT', ': what answers there does not speak HTTP (HPE_INVALID_CONSTANT)', false, true],
  ['EODD', ' (EODD)', true, true],
])('%s in words', (code, words, retryable, isDefinite) => {
  const error = connectionError('https://yonder.test', coded(code));
  expect(error).toMatchObject({
    code: 'unavailable',
    message: `https://yonder.test cannot be reached${words}`,
    retryable,
    isDefinite,
  });
});

test('of several addresses the first one says why, and a browser says nothing', () => {
  const several = new TypeError('fetch failed', {
    cause: new AggregateError([Object.assign(new Error(''), { code: 'ECONNREFUSED' })]),
  });
  expect(connectionError('x', several).message).toContain('ECONNREFUSED');
  expect(connectionError('x', new TypeError('Failed to fetch')).message).toBe('x cannot be reached');
});

test('a server that was there and went away is asked again, with one key, and whoever waits hears of it once', async () => {
  const lost: string[] = [];
  const gone = (): never => {
    throw coded('ECONNREFUSED');
  };
  const { backend, requests } = backendOver(
    [
      gone,
      gone,
      () => new Response('no', { status: 502 }),
      () => Response.json({ input_id: 'i', paused: true }),
    ],
    { onLost: (error) => lost.push(error.message) },
  );
  await backend.session('s').pause(LOCAL_CONTEXT, { paused: true });
  expect(new Set(requests.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
  expect(requests).toHaveLength(4);
  expect(lost).toEqual(['http://yonder.test cannot be reached: nobody listens there (ECONNREFUSED)']);
});

test('on the first contact, nobody there is an error at once; a connection that breaks off is tried five times', async () => {
  for (const [code, tries] of [
    ['ECONNREFUSED', 1],
    ['ECONNRESET', 5],
  ] as const) {
    let asked = 0;
    const { backend } = backendOver([], {
      times: TIMES,
      capabilities: () => {
        asked += 1;
        throw coded(code);
      },
    });
    await expect(backend.listRuns(LOCAL_CONTEXT, {})).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toBe(tries);
  }
});

test('a call that is never answered is lost after giveUpAfter', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  // Each try takes twenty milliseconds of a clock that nobody else moves.
  const never = (): Promise<Response> => {
    vi.setSystemTime(Date.now() + 20);
    return Promise.withResolvers<Response>().promise;
  };
  const { backend, requests } = backendOver([never], { times: { ...TIMES, stall: 20, giveUpAfter: 30 } });
  await expect(backend.listRuns(LOCAL_CONTEXT, {})).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^\S+ said nothing for \d+ ms$/),
  });
  expect(requests[0]?.signal.aborted).toBe(true);
  expect(requests).toHaveLength(2);
});

test('what the server said is not asked again', async () => {
  const busy = { error: { code: 'run_busy', message: 'm', retryable: true } };
  const { backend, requests } = backendOver([() => Response.json(busy, { status: 409 })]);
  await expect(backend.session('s').pause(LOCAL_CONTEXT, { paused: true })).rejects.toMatchObject({
    code: 'run_busy',
  });
  expect(requests).toHaveLength(1);
});

test('a stream that is a page is refused at once', async () => {
  const { backend, requests } = backendOver([() => new Response('<p>Sign in</p>')]);
  await expect(seen(backend.session('s').follow(LOCAL_CONTEXT, {}))).rejects.toThrow('a web page');
  expect(requests).toHaveLength(1);
});

test('the stall is three heartbeats of the server', async () => {
  const { backend } = backendOver([() => sse([line(1)], 'hold'), () => sse([line(2), CLOSING])], {
    times: { firstDelay: 1, longestDelay: 2, giveUpAfter: 5_000 },
    capabilities: () => Response.json({ ...CAPABILITIES, limits: { heartbeat_ms: 10 } }),
  });
  expect(await seen(backend.session('s').follow(LOCAL_CONTEXT, { after: 0 }))).toEqual([
    '1',
    'connection_lost',
    'connection_restored',
    '2',
    'stream_closing',
  ]);
});

test('the wait that a server asks for is kept', async () => {
  const { backend } = backendOver([() => sse(['retry: 70\n\n', line(1)]), () => sse([line(2), CLOSING])], {
    times: TIMES,
  });
  const begun = performance.now();
  await seen(backend.session('s').follow(LOCAL_CONTEXT, { after: 0 }));
  expect(performance.now() - begun).toBeGreaterThanOrEqual(69);
});

test('an upload says how far it is, and every try of it sends all', async () => {
  const sent: number[] = [];
  const bytes = new Uint8Array(150_000).fill(7);
  const bodies: number[] = [];
  const { backend } = backendOver(
    [
      async (request) => {
        bodies.push((await request.arrayBuffer()).byteLength);
        if (bodies.length === 1) throw coded('ECONNRESET');
        return Response.json({ upload_id: 'u', size: 150_000, sha256: 'x' });
      },
    ],
    { onUpload: ({ name, sent: now, total }) => sent.push(name === 'a.txt' && total === 150_000 ? now : -1) },
  );
  await backend.upload(LOCAL_CONTEXT, { name: 'a.txt', media_type: 'text/plain' }, bytes);
  expect(bodies).toEqual([150_000, 150_000]);
  expect(sent).toEqual([65_536, 131_072, 150_000, 65_536, 131_072, 150_000]);
});
