import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHttpTransport } from '../../../src/client/http-transport.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/contract/contract.ts';
import { LOCAL_CONTEXT } from '../../../src/protocol/context.ts';
import type { WireEvent } from '../../../src/protocol/events/events.ts';
import type { Listener } from '../../../src/server/listen/listen.ts';
import { durable, handMade } from './hand-made.ts';
import { ownFolder, serving } from './on-socket.ts';

/** Debian's nginx before a server, with nothing set but where it listens and where the server is; gone after the test. */
async function behindNginx(listener: Listener, settings = ''): Promise<string> {
  const folder = ownFolder();
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  for (const name of [...paths, 'logs']) mkdirSync(join(folder, name));
  const upstream = listener.address.kind === 'unix' ? `http://unix:${listener.address.path}:` : listener.url;
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/logs/error.log;
     events {}
     http {
       access_log off;
       ${paths.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
       server { listen 127.0.0.1:${port}; location / { proxy_pass ${upstream}; ${settings} } }
     }`,
  );
  const nginx = spawn('nginx', ['-p', folder, '-e', `${folder}/logs/error.log`, '-c', 'nginx.conf'], {
    stdio: 'inherit',
    env: { PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  onTestFinished(() => ended(nginx));
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(async () => (await fetch(`${url}/health`).catch(() => undefined))?.status).toBe(200);
  return url;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

const CAPABILITIES = { protocol: PROTOCOL_VERSION, server: 'test', features: [], scopes: [], limits: {} };

/** A source of events that the test hands out one by one. */
function handedOut() {
  const waiting: ((event: WireEvent) => void)[] = [];
  const ready: WireEvent[] = [];
  const follow = async function* (): AsyncGenerator<WireEvent> {
    for (;;) {
      const event = ready.shift();
      if (event !== undefined) {
        yield event;
        continue;
      }
      const { promise, resolve } = Promise.withResolvers<WireEvent>();
      waiting.push(resolve);
      yield await promise;
    }
  };
  const hand = (event: WireEvent): void => {
    const resolve = waiting.shift();
    if (resolve === undefined) ready.push(event);
    else resolve(event);
  };
  return { hand, transport: handMade({ follow, call: () => CAPABILITIES }).transport };
}

const hasNginx = spawnSync('nginx', ['-v']).error === undefined;

describe.skipIf(!hasNginx)('behind nginx as Debian ships it (needs nginx)', () => {
  test.each(['127.0.0.1:0', 'unix'])('on %s: each event arrives when it happens', async (place) => {
    const { hand, transport } = handedOut();
    const listen = place === 'unix' ? `unix://${join(ownFolder(), 's.sock')}` : place;
    const url = await behindNginx(await serving({ transport, listen }));
    hand(durable(1));
    const client = createHttpTransport({ baseUrl: url });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    // The next event is made when the last has arrived: one that waits in a buffer would hold up the test.
    let seen = 0;
    const events = client.follow(
      'session/events',
      { ...LOCAL_CONTEXT, signal: stop.signal },
      { session_id: 's', after: 0 },
    );
    for await (const { seq } of events) {
      seen += 1;
      expect(seq).toBe(seen);
      if (seen === 50) break;
      hand(durable(seen + 1, { message: 'x'.repeat(seen * 100) }));
    }
    expect(seen).toBe(50);
  });

  test('a long silence is bridged by heartbeats', async () => {
    const { hand, transport } = handedOut();
    const quick = await behindNginx(
      await serving({ transport, heartbeat_ms: 200 }),
      'proxy_read_timeout 1s;',
    );
    hand(durable(1));
    const response = await fetch(`${quick}/v1/session/events?session_id=s`);
    let text = '';
    const decoder = new TextDecoder();
    const begun = performance.now();
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (performance.now() - begun > 2_000) hand(durable(2));
      if (text.includes('id: 2')) break;
    }
    expect(text.split(': heartbeat\n\n').length).toBeGreaterThan(5);
    expect(text.replaceAll(': heartbeat\n\n', '')).toBe(
      `id: 1\ndata: ${durable(1).json}\n\nid: 2\ndata: ${durable(2).json}\n\n`,
    );
  });

  test('without a sign of life it ends the stream: the test above would not pass by chance', async () => {
    const { hand, transport } = handedOut();
    const url = await behindNginx(
      await serving({ transport, heartbeat_ms: 60_000 }),
      'proxy_read_timeout 1s;',
    );
    hand(durable(1));
    const response = await fetch(`${url}/v1/session/events?session_id=s`);
    expect(await response.text().catch(() => 'cut')).toMatch(/^(cut|id: 1\n.*\n\n)$/);
  });

  test('refusals keep their words, and a large upload arrives', async () => {
    const listener = await serving({
      transport: handMade({}).transport,
      authenticate: async (request) => (request.headers.has('authorization') ? LOCAL_CONTEXT : undefined),
    });
    const url = await behindNginx(listener, 'client_max_body_size 64m;');
    const refused = await fetch(`${url}/v1/run/list`, { method: 'POST' });
    expect([refused.status, refused.headers.get('content-type')]).toEqual([401, 'application/json']);
    const body = new Uint8Array(20 * 1024 * 1024);
    const headers = { authorization: 'Bearer t', 'content-type': 'image/png' };
    const sent = await fetch(`${url}/v1/upload/create`, { method: 'POST', body, headers });
    expect(await sent.json()).toMatchObject({ size: body.byteLength });
  });
});
