import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import type { Listener } from '../../src/server/listen/listen.ts';
import { startServer } from '../../src/server/server.ts';
import { checkExchange, isStream } from '../../src/testing/sniffer/exchange.ts';
import { cases, tried } from '../long.ts';
import { openGround, type Ground } from './hostile/ground.ts';
import { Random } from './hostile/random.ts';
import { exchangeBytes, sendAndDrop, spoiledBytes, wireBytes } from './hostile/raw.ts';
import { hostileRequest } from './hostile/requests.ts';

const SEED = Number(process.env['YONDER_SEED'] ?? 20_261_122);

let ground: Ground;
let listener: Listener;
let port: number;
let host: string;
beforeAll(async () => {
  ground = await openGround();
  listener = await startServer(ground.world.inner, {
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    authenticate: async (request) => (request.headers.has('authorization') ? undefined : LOCAL_CONTEXT),
  });
  port = listener.address.kind === 'tcp' ? listener.address.port : 0;
  host = `127.0.0.1:${port}`;
});
afterAll(async () => {
  await listener.close();
  await ground.close();
});

/** Whoever is gone is forgotten. */
async function nobodyLeft(): Promise<void> {
  await expect.poll(() => listener.open()).toEqual({ connections: 0, answers: 0, held_bytes: 0 });
}

test('hostile requests as bytes on a socket get an error of the table, and create nothing', async (context) => {
  const random = new Random(SEED);
  const before = ground.rows();
  const count = cases(150, 4_000);
  const wrong: string[] = [];
  const made = { session_create: 0, session_fork: 0, upload_create: 0 };
  for (let done = 0; done < count; done += 1) {
    const hostile = hostileRequest(random, ground.ids);
    const { method, target, operation } = hostile;
    const answer = await exchangeBytes(port, wireBytes(hostile, host), true);
    const shown = `${method} ${target.slice(0, 200)} ${JSON.stringify(hostile.headers).slice(0, 200)} ${new TextDecoder().decode(hostile.body).slice(0, 300)}`;
    if (answer === undefined) {
      wrong.push(`no answer\n  ${shown}`);
      continue;
    }
    const { status, headers, text } = answer;
    const sent = {
      method,
      url: `http://${host}${target}`,
      headers: new Headers(hostile.headers),
      body: new TextDecoder().decode(hostile.body),
    };
    // Over a socket a HEAD has no body, and the words of its refusal with it.
    const faults =
      method === 'HEAD'
        ? []
        : checkExchange(sent, { status, headers, text: isStream(answer) ? undefined : text });
    if (hostile.refused && status < 400) faults.push('it was done');
    if (status >= 500 && status !== 501) faults.push(text.slice(0, 300));
    if (faults.length > 0) wrong.push(`${faults.join('; ')}\n  ${shown}`);
    if (status < 300 && method === 'POST' && operation in made) made[operation as keyof typeof made] += 1;
  }
  expect(wrong.slice(0, 20), `seed ${SEED}, ${wrong.length} of ${count}`).toEqual([]);
  await nobodyLeft();
  const after = ground.rows();
  expect([after['sessions'], after['uploads'], after['runs']]).toEqual([
    Number(before['sessions']) + made.session_create + made.session_fork,
    Number(before['uploads']) + made.upload_create,
    before['runs'],
  ]);
  tried(context, count);
});

test('bytes that are no request are refused, and nothing comes of them', async (context) => {
  const random = new Random(SEED + 1);
  const before = ground.rows();
  const count = cases(150, 2_000);
  const wrong: string[] = [];
  const request = {
    operation: 'session_create',
    method: 'POST',
    target: '/v1/session/create',
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode('{"source":{"kind":"builtin","name":"default"}}'),
    refused: true,
  };
  for (let done = 0; done < count; done += 1) {
    const bytes = spoiledBytes(wireBytes(request, host), random);
    const answer = await exchangeBytes(port, bytes, false);
    if (answer === undefined) continue;
    const { status, headers, text } = answer;
    const faults = checkExchange(
      { method: 'POST', url: `http://${host}/none`, headers: new Headers() },
      { status, headers, text },
    );
    if (status < 400 || status >= 500) faults.push(`${status} ${text.slice(0, 200)}`);
    if (faults.length > 0) wrong.push(`${faults.join('; ')}\n  ${bytes.toString('latin1').slice(0, 300)}`);
  }
  expect(wrong.slice(0, 10), `seed ${SEED}`).toEqual([]);
  await nobodyLeft();
  expect(ground.rows()).toEqual(before);
  tried(context, count);
});

test('connections that drop within a request leave nothing', async (context) => {
  const random = new Random(SEED + 2);
  const before = ground.rows();
  const count = cases(60, 2_000);
  const create = '{"source":{"kind":"builtin","name":"default"}}';
  const requests = [
    {
      operation: 'session_create',
      target: '/v1/session/create',
      headers: { 'content-type': 'application/json' },
      body: new TextEncoder().encode(create),
    },
    {
      operation: 'upload_create',
      target: '/v1/upload/create?name=x',
      headers: { 'content-type': 'text/plain' },
      body: new Uint8Array(200_000),
    },
  ];
  for (let done = 0; done < count; done += 1) {
    const bytes = wireBytes({ ...random.pick(requests), method: 'POST', refused: true }, host);
    await sendAndDrop(port, bytes.subarray(0, 1 + random.below(bytes.byteLength - 1)));
  }
  await nobodyLeft();
  expect(ground.rows()).toEqual(before);
  tried(context, count);
});
