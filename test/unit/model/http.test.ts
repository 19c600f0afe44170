import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { createHttp } from '../../../src/model/index.ts';

const HERE = `${import.meta.dirname}/fixtures`;
const CA = `${HERE}/certificates/ca.pem`;

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function listening(server: HttpServer): Promise<number> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A server that answers with what it was asked, under the certificate of `models.test`. */
function secureModels(): Promise<number> {
  const key = readFileSync(`${HERE}/certificates/server.key`);
  const cert = readFileSync(`${HERE}/certificates/server.pem`);
  return listening(createHttpsServer({ key, cert }, (request, response) => request.pipe(response)));
}

/** A real CONNECT proxy: every name leads to `target` on this machine. */
async function connectProxy(target: () => number): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createHttpServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.end('by the proxy itself');
  });
  proxy.on('connect', (request, client, head) => {
    asked.push(`CONNECT ${request.url ?? ''} ${request.headers['proxy-authorization'] ?? '-'}`);
    const upstream = connect(target(), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  return { port: await listening(proxy), asked };
}

/** Runs the fetches in a process of their own: certificates are read when a process starts. */
async function fetchThere(env: Record<string, string>, ...urls: string[]): Promise<unknown[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [`${HERE}/http-child.ts`, ...urls], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

test('goes through a CONNECT proxy, with its password, and trusts NODE_EXTRA_CA_CERTS', async () => {
  const models = await secureModels();
  const proxy = await connectProxy(() => models);
  const env = { HTTPS_PROXY: `http://me:secret@127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: CA };
  const results = await fetchThere(env, 'https://models.test/v1');
  expect(results).toEqual([{ url: 'https://models.test/v1', status: 200, text: 'question' }]);
  expect(proxy.asked).toEqual([
    `CONNECT models.test:443 Basic ${Buffer.from('me:secret').toString('base64')}`,
  ]);
});

test("NO_PROXY goes straight, and the system's certificates are trusted", async () => {
  const models = await secureModels();
  const proxy = await connectProxy(() => models);
  const env = { https_proxy: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '127.0.0.1', SSL_CERT_FILE: CA };
  const url = `https://127.0.0.1:${models}/v1`;
  expect(await fetchThere(env, url)).toEqual([{ url, status: 200, text: 'question' }]);
  expect(proxy.asked).toEqual([]);
});

test('a certificate that nobody vouches for is refused', async () => {
  const url = `https://127.0.0.1:${await secureModels()}/v1`;
  expect(await fetchThere({}, url)).toEqual([{ url, failed: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }]);
});

test('HTTP_PROXY of the given environment counts, not that of the process', async () => {
  const plain = await listening(createHttpServer((_request, response) => response.end('straight')));
  const proxy = await connectProxy(() => plain);
  const proxied = createHttp((name) =>
    name === 'HTTP_PROXY' ? `http://127.0.0.1:${proxy.port}` : undefined,
  );
  const direct = createHttp(() => undefined);
  try {
    expect(await (await proxied.fetch('http://models.test/x')).text()).toMatch(
      /straight|by the proxy itself/,
    );
    expect(proxy.asked.length).toBe(1);
    expect(await (await direct.fetch(`http://127.0.0.1:${plain}/x`)).text()).toBe('straight');
    expect(proxy.asked.length).toBe(1);
  } finally {
    await proxied.close();
    await direct.close();
  }
});

test('close ends a stream that is still open, and closing twice is fine', async () => {
  const port = await listening(
    createHttpServer((_request, response) => response.writeHead(200).write('first')),
  );
  const http = createHttp(() => undefined);
  const response = await http.fetch(`http://127.0.0.1:${port}/`);
  const reader = response.body?.getReader();
  await reader?.read();
  await http.close();
  await http.close();
  await expect(reader?.read()).rejects.toThrow(/terminated|destroyed/);
});
