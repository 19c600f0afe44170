import { describe, expect, test } from 'vitest';
import { YonderError } from '../../../src/protocol/errors.ts';
import type { WireEvent } from '../../../src/protocol/events/events.ts';
import { durable, get, handlerOver, handMade, post, type Called } from './hand-made.ts';

const EVENTS = '/v1/session/events?session_id=s';

function following(follow: (called: Called) => AsyncIterable<WireEvent>, heartbeat_ms = 10_000) {
  return handlerOver(handMade({ follow }).transport, { heartbeat_ms });
}

/** The chunks as they arrive. */
async function chunksOf(response: Response): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of response.body as ReadableStream<Uint8Array>)
    chunks.push(new TextDecoder().decode(chunk));
  return chunks;
}

const preview: WireEvent = {
  seq: undefined,
  type: 'agent_choice',
  json: '{"type":"agent_choice","content":"a\\nb"}',
};

test('a burst is one chunk; only durable events have an id', async () => {
  const response = await following(async function* () {
    yield durable(1);
    yield preview;
    yield durable(2);
  })(get(EVENTS));
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('x-request-id')).toBe('http_1');
  const text = `id: 1\ndata: ${durable(1).json}\n\ndata: ${preview.json}\n\nid: 2\ndata: ${durable(2).json}\n\n`;
  expect(await chunksOf(response)).toEqual([text]);
});

test('an event that comes later is a chunk of its own, and heartbeats fill the quiet', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const response = await following(async function* () {
    yield durable(1);
    await promise;
    yield durable(2);
  }, 5)(get(EVENTS));
  const chunks: string[] = [];
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    chunks.push(new TextDecoder().decode(chunk));
    if (chunks.length === 3) resolve();
  }
  expect(chunks.slice(0, 3)).toEqual([
    expect.stringMatching(/^id: 1\n/),
    ': heartbeat\n\n',
    ': heartbeat\n\n',
  ]);
  expect(chunks.at(-1)).toMatch(/^id: 2\n/);
});

test('a slow reader holds the source back, gets no pile of heartbeats, and lacks nothing', async () => {
  let made = 0;
  const response = await following(async function* () {
    for (let seq = 1; seq <= 1_000; seq += 1) {
      made = seq;
      yield durable(seq, { message: 'x'.repeat(1_000) });
    }
  }, 10)(get(EVENTS));
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 300);
  await promise;
  expect(made).toBeLessThan(200);
  const chunks = await chunksOf(response);
  // Thirty were due while nobody read.
  expect(chunks.filter((chunk) => chunk.startsWith(':')).length).toBeLessThan(15);
  const ids = [...chunks.join('').matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
});

test('an error before the first event is a status, one after it says why the stream closes', async () => {
  const early = await following(async function* () {
    yield* [];
    throw new YonderError('cursor_expired', 'too far', { details: { head: 7 } });
  })(get(EVENTS));
  expect(early.status).toBe(410);
  expect(await early.json()).toMatchObject({ error: { code: 'cursor_expired', details: { head: 7 } } });
  const late = await following(async function* () {
    yield durable(1);
    throw new YonderError('store_failed', 'full');
  })(get(EVENTS));
  expect((await chunksOf(late)).join('')).toMatch(
    /\n\ndata: {"type":"stream_closing","reason":"store_failed","message":"full"}\n\n$/,
  );
});

test('Last-Event-ID beats after', async () => {
  const requests: unknown[] = [];
  const handler = following(async function* ({ request }) {
    requests.push(request);
    yield durable(1);
  });
  const sent: Record<string, string>[] = [{}, { 'last-event-id': '9' }, { 'last-event-id': '' }];
  for (const headers of sent) await (await handler(get(`${EVENTS}&after=2&follow=false`, headers))).text();
  expect(requests).toEqual([2, 9, 2].map((after) => ({ session_id: 's', after, follow: false })));
});

test('a reader that leaves ends its stream, not the run', async () => {
  let ended = false;
  let signal: AbortSignal | undefined;
  let interrupted = false;
  const { transport, calls } = handMade({
    run: ({ context }) => {
      signal = context.signal;
      const events = (async function* () {
        try {
          yield durable(1);
          const { promise, resolve } = Promise.withResolvers<void>();
          context.signal?.addEventListener('abort', () => resolve());
          await promise;
        } finally {
          ended = true;
        }
      })();
      return { run_id: 'run_1', input_id: 'inp_1', [Symbol.asyncIterator]: () => events };
    },
    call: () => {
      interrupted = true;
    },
  });
  const response = await handlerOver(transport)(
    post('/v1/session/run', { session_id: 's', messages: [{ content: 'x' }] }),
  );
  expect([response.headers.get('x-yonder-run-id'), response.headers.get('x-yonder-input-id')]).toEqual([
    'run_1',
    'inp_1',
  ]);
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  expect([ended, signal?.aborted, interrupted, calls.length]).toEqual([true, true, false, 1]);
});

describe('session/run answers', () => {
  const ask = async (accept: string) => {
    const { transport } = handMade({
      run: () => ({
        run_id: 'run_1',
        input_id: 'inp_1',
        async *[Symbol.asyncIterator]() {
          yield durable(1);
        },
      }),
    });
    return handlerOver(transport)(
      post('/v1/session/run', { session_id: 's', messages: [{ content: 'x' }] }, { accept }),
    );
  };

  test('202 with ids to who asks for JSON', async () => {
    const response = await ask('application/json');
    expect([response.status, await response.json()]).toEqual([202, { run_id: 'run_1', input_id: 'inp_1' }]);
  });

  test.each(['text/event-stream', '*/*', 'application/json, text/event-stream'])(
    'a stream to %s',
    async (accept) => {
      const response = await ask(accept);
      expect([response.status, await response.text()]).toEqual([200, `id: 1\ndata: ${durable(1).json}\n\n`]);
    },
  );
});
