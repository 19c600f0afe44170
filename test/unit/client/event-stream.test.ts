import { expect, onTestFinished, test, vi } from 'vitest';
import { LOCAL_CONTEXT } from '../../../src/protocol/context.ts';
import { backendOver, line, preview, seen, short, sse } from './fake-server.ts';

const CAUGHT = 'data: {"type":"log_caught_up","as_of":3}\n\n';
const CLOSING = 'data: {"type":"stream_closing","reason":"shutdown"}\n\n';
const followed = (backend: ReturnType<typeof backendOver>['backend'], request: object = {}) =>
  backend.session('s').follow(LOCAL_CONTEXT, { after: 0, ...request });
const cursors = (requests: readonly Request[]) =>
  requests.map(({ url }) => new URL(url).searchParams.get('after'));

test('after a cut it goes on behind the last event that was dealt with, and says so', async () => {
  const { backend, requests } = backendOver([
    () => sse([line(1), line(2)], 'cut'),
    () => sse([line(3), CLOSING]),
  ]);
  expect(await seen(followed(backend))).toEqual([
    '1',
    '2',
    'connection_lost',
    'connection_restored',
    '3',
    'stream_closing',
  ]);
  expect(cursors(requests)).toEqual(['0', '2']);
});

test('a body that ends without its end is a drop too, and an event that was cut in two comes once', async () => {
  const { backend } = backendOver([
    () => sse([line(1), line(2).slice(0, 9)]),
    () => sse([line(2).slice(0, 20), line(2).slice(20), CLOSING]),
  ]);
  expect(await seen(followed(backend))).toEqual([
    '1',
    'connection_lost',
    'connection_restored',
    '2',
    'stream_closing',
  ]);
});

test('previews that come again after a drop are trimmed', async () => {
  const { backend } = backendOver([
    () => sse([preview('Hel', 0)], 'cut'),
    () => sse([preview('Hello', 0), line(1, 'message_added', { message: { message_id: 'm' } }), CLOSING]),
  ]);
  expect(await seen(followed(backend))).toEqual([
    'text:Hel',
    'connection_lost',
    'connection_restored',
    'text:lo',
    '1',
    'stream_closing',
  ]);
});

test('numbers that come twice are dropped, a hole is asked for again', async () => {
  const { backend, requests } = backendOver([
    () => sse([line(1), line(1), line(3)]),
    () => sse([line(1), line(2), line(3), CLOSING]),
  ]);
  expect(await seen(followed(backend))).toEqual([
    '1',
    'connection_lost',
    'connection_restored',
    '2',
    '3',
    'stream_closing',
  ]);
  expect(cursors(requests)).toEqual(['0', '1']);
});

test('a hole that stays is given up on, naming it', async () => {
  const { backend } = backendOver([() => sse([line(1), line(3)]), () => sse([line(3)])], {
    times: { firstDelay: 1, longestDelay: 2, stall: 1_000, giveUpAfter: 30 },
  });
  await expect(seen(followed(backend))).rejects.toMatchObject({
    code: 'unavailable',
    message: 'events 2 to 2 are missing in the stream',
  });
});

test('silence longer than the stall is a drop; a heartbeat is not silence', async () => {
  const { backend, requests } = backendOver(
    [() => sse([line(1)], 'hold'), () => sse([': heartbeat\n\n', line(2), CLOSING])],
    {
      times: { firstDelay: 1, longestDelay: 2, stall: 30, giveUpAfter: 10_000 },
    },
  );
  expect(await seen(followed(backend))).toEqual([
    '1',
    'connection_lost',
    'connection_restored',
    '2',
    'stream_closing',
  ]);
  expect(requests[0]?.signal.aborted).toBe(true);
});

test('who stays away longer than giveUpAfter is unavailable; who opens and brings nothing as well', async () => {
  const unreachable = (): Response => {
    throw new TypeError('no route to host');
  };
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  for (const away of [unreachable, () => sse([])]) {
    // Each try takes ten milliseconds of a clock that nobody else moves.
    const tried = (): Response => {
      vi.setSystemTime(Date.now() + 10);
      return away();
    };
    const { backend, requests } = backendOver([() => sse([line(1)]), tried], {
      times: { firstDelay: 1, longestDelay: 2, stall: 10_000, giveUpAfter: 30 },
    });
    await expect(seen(followed(backend))).rejects.toMatchObject({ code: 'unavailable' });
    // Lost after the first; at 10, 20 and 30 ms it is not yet too long.
    expect(requests).toHaveLength(5);
  }
});

test('a stream that never opened is an error at once, and so is one that trying again cannot mend', async () => {
  let asked = 0;
  const { backend } = backendOver([], {
    capabilities: () => {
      asked += 1;
      throw new TypeError('no route to host');
    },
  });
  await expect(seen(followed(backend))).rejects.toMatchObject({
    code: 'unavailable',
    message: 'http://yonder.test cannot be reached',
  });
  expect(asked).toBe(1);
  const gone = { error: { code: 'cursor_expired', message: 'm', retryable: false, details: { head: 1 } } };
  const other = backendOver([() => sse([line(1)], 'cut'), () => Response.json(gone, { status: 410 })]);
  await expect(seen(followed(other.backend))).rejects.toMatchObject({
    code: 'cursor_expired',
    details: { head: 1 },
  });
  expect(other.requests).toHaveLength(2);
});

test('without following it ends when the log is caught up, with a run at its end', async () => {
  const { backend } = backendOver([() => sse([line(1), CAUGHT, line(2)])]);
  expect(await seen(followed(backend, { follow: false }))).toEqual(['1', 'log_caught_up']);
  const stopped = [line(1, 'stream_stopped', { run_id: 'other' }), line(2, 'stream_stopped'), line(3)];
  const run = backendOver([() => sse(stopped)]);
  expect(await seen(followed(run.backend, { run_id: 'r' }))).toEqual(['1', '2']);
});

test('abort ends the stream without an error and lets go of the connection', async () => {
  const { backend, requests } = backendOver([() => sse([line(1)], 'hold')]);
  const stop = new AbortController();
  const events: string[] = [];
  for await (const event of backend
    .session('s')
    .follow({ ...LOCAL_CONTEXT, signal: stop.signal }, { after: 0 })) {
    events.push(short(event));
    setTimeout(() => stop.abort(), 5);
  }
  expect([events, requests[0]?.signal.aborted]).toEqual([['1'], true]);
});

test('a run is begun once: its lost answer is asked for with the same key, then it is followed by id', async () => {
  const ids = { 'x-yonder-run-id': 'r', 'x-yonder-input-id': 'i' };
  const { backend, requests } = backendOver([
    () => sse([], 'cut', ids),
    () => sse([line(4)], 'cut', ids),
    () => sse([line(5, 'stream_stopped')]),
  ]);
  const run = await backend.session('s').run(LOCAL_CONTEXT, { messages: [{ content: 'x' }] });
  expect([run.run_id, run.input_id]).toEqual(['r', 'i']);
  expect((await seen(run)).filter((name) => !name.startsWith('connection'))).toEqual(['4', '5']);
  const [first, second, third] = requests;
  expect(first?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
  expect(second?.headers.get('idempotency-key')).toBe(first?.headers.get('idempotency-key'));
  expect(await second?.text()).toBe('{"messages":[{"content":"x"}],"session_id":"s"}');
  expect(third?.url).toBe('http://yonder.test/v1/run/follow?run_id=r&after=4');
});
