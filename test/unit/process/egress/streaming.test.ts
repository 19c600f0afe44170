import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createStreamingEgress, type StreamingRules } from '../../../../src/process/egress/streaming.ts';
import { HERE, local, serve } from './place.ts';

/** The server that a team named, which may be of a private network. */
const to = (port: number, allowPrivate = true): StreamingRules => ({
  named: new URL(`http://team.example:${port}/mcp`),
  allowPrivate,
});

function egressFor(rules: StreamingRules, parts = local): ReturnType<typeof createStreamingEgress> {
  const egress = createStreamingEgress(parts, rules);
  onTestFinished(() => egress.close());
  return egress;
}

test('method, headers and body go out, and the answer is read while it is still written', async () => {
  const { promise: goOn, resolve } = Promise.withResolvers<void>();
  const seen: string[] = [];
  const { port } = await serve((request, response) => {
    request.on('data', (data: Buffer) =>
      seen.push([request.method, request.headers['x-a'], data.toString()].join(' ')),
    );
    response.write('first');
    void goOn.then(() => response.end('last'));
  });
  const answer = await egressFor(to(port)).fetch(`http://team.example:${port}/mcp`, {
    method: 'POST',
    headers: { 'x-a': '1' },
    body: 'said',
  });
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('first');
  resolve();
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('last');
  expect(seen).toEqual(['POST 1 said']);
});

test('a connection is kept, and a name is judged once for it (DNS rebinding)', async () => {
  let sockets = 0;
  const { server, port } = await serve((_request, response) => response.end('x'));
  server.on('connection', () => (sockets += 1));
  let lookups = 0;
  const egress = egressFor(to(port), {
    resolve: () => {
      lookups += 1;
      return Promise.resolve(lookups === 1 ? HERE : [{ address: '10.0.0.1', family: 4 }]);
    },
  });
  for (const _ of [1, 2, 3]) {
    await (await egress.fetch(`http://team.example:${port}/`)).text();
    // The connection is free again once its answer was read.
    await new Promise((done) => setImmediate(done));
  }
  expect({ sockets, lookups }).toEqual({ sockets: 1, lookups: 1 });
});

test('a private address is refused unless it may be, and a redirect to one always', async () => {
  let asked = 0;
  const { port } = await serve((request, response) => {
    asked += 1;
    if (request.url === '/away') response.writeHead(307, { location: `http://127.0.0.1:${port}/in` });
    response.end();
  });
  const url = `http://team.example:${port}/`;
  await expect(egressFor(to(port, false)).fetch(url)).rejects.toMatchObject({
    reason: 'private_address',
    message: `${url} is refused: team.example is 127.0.0.1, an address that is not of the open internet`,
  });
  // What a server of the open internet names beside itself leads nowhere inside.
  const open = egressFor(to(port), {
    resolve: (host) => Promise.resolve(host === 'team.example' ? [{ address: '1.1.1.1', family: 4 }] : HERE),
  });
  await expect(open.fetch(`http://other.example:${port}/`)).rejects.toMatchObject({ code: 'forbidden' });
  expect(asked).toBe(0);
  const egress = egressFor(to(port));
  expect((await egress.fetch(`http://other.example:${port}/`)).status).toBe(200);
  for (const redirect of ['manual', 'follow'] as const) {
    await expect(
      egress.fetch(`http://team.example:${port}/away`, { method: 'POST', body: 'x', redirect }),
    ).rejects.toMatchObject({
      reason: 'private_address',
      message: `http://127.0.0.1:${port}/in, to which http://team.example:${port}/away redirects, is refused: 127.0.0.1, an address that is not of the open internet`,
    });
  }
  expect(asked).toBe(3);
});

test('a redirect is followed within its origin, never with a body, and never to another origin', async () => {
  const { port } = await serve((request, response) => {
    if (request.url === '/a') response.writeHead(302, { location: '/b' });
    if (request.url === '/away') response.writeHead(302, { location: `https://public.example/` });
    response.end(request.url);
  });
  const base = `http://team.example:${port}`;
  const egress = egressFor(to(port), {
    resolve: (host) =>
      Promise.resolve(host === 'public.example' ? [{ address: '1.1.1.1', family: 4 }] : HERE),
  });
  expect(await (await egress.fetch(`${base}/a`)).text()).toBe('/b');
  expect((await egress.fetch(`${base}/a`, { redirect: 'manual' })).status).toBe(302);
  await expect(egress.fetch(`${base}/a`, { method: 'POST', body: 'x' })).rejects.toThrow(
    `${base}/a redirects a request that has a body, which is not sent twice`,
  );
  await expect(egress.fetch(`${base}/away`)).rejects.toThrow(
    `${base}/away redirects to another origin, https://public.example, which is not followed here`,
  );
});

test('what is not there is said with its address, an abort ends with its reason', async () => {
  const { server, port } = await serve(() => {});
  const egress = egressFor(to(port));
  const stop = new AbortController();
  const waiting = egress.fetch(`http://team.example:${port}/`, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await expect(egress.fetch(`http://team.example:${port}/`)).rejects.toMatchObject({
    reason: 'unreachable',
    message: `http://team.example:${port}/ cannot be reached at 127.0.0.1 (ECONNREFUSED)`,
  });
});

test('a bad certificate is said to be one, with what to do', async () => {
  const folder = new URL('../../model/fixtures/certificates/', import.meta.url);
  const pem = readFileSync(new URL('server.pem', folder));
  const key = readFileSync(new URL('server.key', folder));
  const server = createTlsServer({ cert: pem, key }, (_request, response) => response.end('x'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const { port } = server.address() as AddressInfo;
  await expect(
    egressFor({ named: new URL(`https://team.example:${port}/`), allowPrivate: true }).fetch(
      `https://team.example:${port}/mcp`,
    ),
  ).rejects.toMatchObject({
    reason: 'certificate',
    code: 'unavailable',
    message: `https://team.example:${port}/mcp is not trusted at 127.0.0.1: its certificate is not good (UNABLE_TO_VERIFY_LEAF_SIGNATURE); NODE_EXTRA_CA_CERTS names a file of further authorities`,
  });
});
