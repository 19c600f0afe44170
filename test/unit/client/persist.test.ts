import { expect, onTestFinished, test, vi } from 'vitest';
import { ConnectionLostError } from '../../../src/client/lost.ts';
import { LOCAL_CONTEXT } from '../../../src/protocol/context.ts';
import { backendOver, line, seen, sse } from './fake-server.ts';

const lost = (): Response => {
  throw new TypeError('no route to host');
};
const half = (): Response =>
  new Response(new ReadableStream({ start: (controller) => controller.error(new TypeError('cut')) }));
const silent = (): Promise<Response> => Promise.withResolvers<Response>().promise;
const stopped = (): Response => sse([line(1, 'stream_stopped')]);
const begun = (): Response => {
  const response = stopped();
  response.headers.set('x-yonder-run-id', 'r');
  return response;
};
const keys = (requests: readonly Request[]) => requests.map(({ headers }) => headers.get('idempotency-key'));
const SOON = { firstDelay: 1, longestDelay: 2, stall: 20, giveUpAfter: 5_000 };

const DONE = { input_id: 'i', title: 'x' };

test('a call whose answer is lost, broken or does not come is sent again under its key', async () => {
  const { backend, requests } = backendOver([lost, half, silent, () => Response.json(DONE)], {
    times: SOON,
  });
  expect(await backend.session('s').setTitle(LOCAL_CONTEXT, { title: 'x' })).toEqual(DONE);
  expect(requests).toHaveLength(4);
  expect(new Set(keys(requests)).size).toBe(1);
  expect(keys(requests)[0]).toMatch(/./);
  expect(requests[2]?.signal.aborted).toBe(true);
  expect(await Promise.all(requests.map((request) => request.text()))).toEqual(
    Array.from({ length: 4 }, () => '{"title":"x","session_id":"s"}'),
  );
});

test('bytes, uploads, the beginning of a run and of a stream go on too', async () => {
  const bytes = backendOver([half, () => new Response('all of it')], { times: SOON });
  expect((await bytes.backend.session('s').blob(LOCAL_CONTEXT, { id: 'b' })).bytes).toHaveLength(9);
  const uploaded = { upload_id: 'u', size: 1, sha256: 'x' };
  const upload = backendOver([lost, () => Response.json(uploaded)], { times: SOON });
  const given = { media_type: 'text/plain' };
  expect(await upload.backend.upload(LOCAL_CONTEXT, given, new Uint8Array([1]))).toEqual(uploaded);
  expect(new Set(keys(upload.requests)).size).toBe(1);
  const run = backendOver([lost, begun], { times: SOON });
  const stream = await run.backend.session('s').run(LOCAL_CONTEXT, { messages: [{ content: 'x' }] });
  expect(await seen(stream)).toEqual(['1']);
  expect(new Set(keys(run.requests)).size).toBe(1);
  const followed = backendOver([lost, stopped], { times: SOON });
  const events = followed.backend.session('s').follow(LOCAL_CONTEXT, { run_id: 'r' });
  expect(await seen(events)).toEqual(['1']);
});

test('what the server answered is the answer', async () => {
  const error = { code: 'unavailable', message: 'closing', retryable: true };
  const { backend, requests } = backendOver([() => Response.json({ error }, { status: 503 })]);
  await expect(backend.listRuns(LOCAL_CONTEXT, {})).rejects.toMatchObject({ message: 'closing' });
  expect(requests).toHaveLength(1);
});

test('who was never reached is not waited for; who stays away is given up on', async () => {
  const never = backendOver([], { capabilities: lost });
  await expect(never.backend.listRuns(LOCAL_CONTEXT, {})).rejects.toBeInstanceOf(ConnectionLostError);
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  // Each try takes four milliseconds of a clock that nobody else moves.
  const slowly = (): Response => {
    vi.setSystemTime(Date.now() + 4);
    return lost();
  };
  const { backend, requests } = backendOver([slowly], { times: { ...SOON, giveUpAfter: 10 } });
  await expect(backend.listRuns(LOCAL_CONTEXT, {})).rejects.toMatchObject({
    code: 'unavailable',
    message: 'http://yonder.test cannot be reached',
  });
  expect(requests).toHaveLength(3);
});

test('an abort ends the wait for another try', async () => {
  const { backend } = backendOver([lost], { times: { ...SOON, firstDelay: 60_000, longestDelay: 60_000 } });
  const stop = new AbortController();
  const call = backend.listRuns({ ...LOCAL_CONTEXT, signal: stop.signal }, {});
  setImmediate(() => stop.abort(new Error('enough')));
  await expect(call).rejects.toThrow('enough');
});
