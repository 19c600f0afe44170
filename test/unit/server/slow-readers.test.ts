import { expect, test } from 'vitest';
import { createHttpTransport } from '../../../src/client/http-transport.ts';
import { LOCAL_CONTEXT } from '../../../src/protocol/context.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/contract/contract.ts';
import type { WireEvent } from '../../../src/protocol/events/events.ts';
import { durable, handMade, type Called } from './hand-made.ts';
import { connected, serving } from './on-socket.ts';

const ASK = 'GET /v1/session/events?session_id=s HTTP/1.1\r\nhost: localhost\r\n\r\n';
const EVENT_BYTES = 10_000;

/** A log without an end; notes how far its readers are and how many there are. */
function endless() {
  const state = { begun: 0, readers: 0 };
  const follow = async function* ({ context }: Called): AsyncGenerator<WireEvent> {
    state.begun += 1;
    state.readers += 1;
    try {
      for (let seq = 1; context.signal?.aborted !== true; seq += 1) {
        yield durable(seq, { message: 'x'.repeat(EVENT_BYTES) });
      }
    } finally {
      state.readers -= 1;
    }
  };
  return { state, transport: handMade({ follow }).transport };
}

test('readers that never read cost a bounded buffer each, and are let go', async () => {
  const { state, transport } = endless();
  const listener = await serving({ transport, limits: { stalled_ms: 300 } });
  const sockets = await Promise.all(Array.from({ length: 20 }, () => connected(listener)));
  for (const socket of sockets) {
    socket.pause();
    socket.write(ASK);
  }
  let most = 0;
  await expect
    .poll(
      () => {
        const { answers, held_bytes } = listener.open();
        most = Math.max(most, held_bytes / Math.max(1, answers));
        return [state.begun, state.readers, answers];
      },
      { interval: 5, timeout: 20_000 },
    )
    .toEqual([20, 0, 0]);
  // At most two chunks of 64 KiB and an event; what the system itself holds comes on top.
  expect(most).toBeGreaterThan(50_000);
  expect(most).toBeLessThan(2 * (64 * 1_024 + EVENT_BYTES + 200));
  await expect.poll(() => listener.open()).toEqual({ connections: 0, answers: 0, held_bytes: 0 });
});

test('a reader that was too slow is told to come again, behind whole events', async () => {
  const { state, transport } = endless();
  const listener = await serving({ transport, limits: { stalled_ms: 1_000 } });
  const socket = await connected(listener);
  socket.pause();
  socket.write(ASK);
  await expect.poll(() => [state.begun, state.readers]).toEqual([1, 0]);
  // The stream was closed in good order, and its bytes wait for whoever reads on within the time.
  let text = '';
  socket.setEncoding('latin1');
  socket.resume();
  socket.on('data', (chunk: string) => (text += chunk));
  await expect.poll(() => text.slice(-7)).toBe('\r\n0\r\n\r\n');
  const events = [...text.matchAll(/^id: (\d+)\r?$/gm)].map(([, id]) => Number(id));
  expect(events).toEqual(Array.from({ length: events.length }, (_, index) => index + 1));
  const last = text.slice(text.lastIndexOf('id: '));
  expect(last).toMatch(/^id: \d+\ndata: \{[^}]*\}\n\n\r\nd\r\nretry: 1000\n\n\r\n0\r\n\r\n$/);
});

test('a reader that reads slowly but steadily is kept, and lacks nothing', async () => {
  const { state, transport } = endless();
  const listener = await serving({ transport, limits: { stalled_ms: 1_000 } });
  const socket = await connected(listener);
  socket.setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
    socket.pause();
    setTimeout(() => socket.resume(), 2);
  });
  socket.write(ASK);
  const begun = performance.now();
  await expect.poll(() => performance.now() - begun, { timeout: 5_000 }).toBeGreaterThan(1_500);
  expect([state.readers, text.includes('retry:')]).toEqual([1, false]);
  const events = [...text.matchAll(/^id: (\d+)\r?$/gm)].map(([, id]) => Number(id));
  expect(events.length).toBeGreaterThan(10);
  expect(events).toEqual(Array.from({ length: events.length }, (_, index) => index + 1));
  socket.destroy();
  await expect.poll(() => state.readers).toBe(0);
});

test('bytes that nobody takes are let go as well', async () => {
  const bytes = new Uint8Array(16 * 1024 * 1024);
  const { transport } = handMade({ bytes: () => ({ media_type: 'image/png', name: undefined, bytes }) });
  const listener = await serving({ transport, limits: { stalled_ms: 1_000 } });
  const path = '/v1/blob?session_id=s&id=b';
  const got = await (await fetch(`${listener.url}${path}`)).arrayBuffer();
  expect(got.byteLength).toBe(bytes.byteLength);
  const socket = await connected(listener);
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await expect.poll(() => listener.open().held_bytes).toBeGreaterThan(0);
  expect(listener.open().held_bytes).toBeLessThan(600_000);
  await expect.poll(() => listener.open().answers).toBe(0);
});

test('our client, when it was too slow, goes on from the log and lacks nothing', async () => {
  const LAST = 3_000; // more than the buffers of the system hold
  const begins: number[] = [];
  const { transport } = handMade({
    async *follow({ request }) {
      const { after = 0 } = request as { after?: number };
      begins.push(after);
      for (let seq = after + 1; seq <= LAST; seq += 1)
        yield durable(seq, { message: 'x'.repeat(EVENT_BYTES) });
      yield { seq: undefined, type: 'log_caught_up', json: `{"type":"log_caught_up","as_of":${LAST}}` };
    },
    call: () => ({ protocol: PROTOCOL_VERSION, server: 'test', features: [], scopes: [], limits: {} }),
  });
  const listener = await serving({ transport, limits: { stalled_ms: 500 } });
  const client = createHttpTransport({ baseUrl: listener.url });
  const seen: number[] = [];
  const said: string[] = [];
  const query = { session_id: 's', after: 0, follow: false };
  for await (const { seq, type } of client.follow('session/events', LOCAL_CONTEXT, query)) {
    if (seq === undefined) said.push(type);
    else seen.push(seq);
    if (seq === 1) await expect.poll(() => listener.open().answers).toBe(0);
  }
  expect(seen).toEqual(Array.from({ length: LAST }, (_, index) => index + 1));
  // On a machine that has much to do it may be too slow more than once; each time it goes on further down.
  expect(begins.length).toBeGreaterThan(1);
  expect(begins).toEqual([...new Set(begins)].toSorted((left, right) => left - right));
  const away = begins.slice(1).flatMap(() => ['connection_lost', 'connection_restored']);
  expect(said).toEqual([...away, 'log_caught_up']);
});
