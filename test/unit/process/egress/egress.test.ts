import { createServer as createSocketServer, type AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { createEgress } from '../../../../src/process/egress/egress.ts';
import { HERE, LIMITS, local, serve } from './place.ts';

const open = { ...LIMITS, allowPrivate: true };

test('a name that resolves to this machine is refused before anything is connected, and reachable where that is allowed', async () => {
  let asked = 0;
  const { port } = await serve((_request, response) => {
    asked++;
    response.end('hello');
  });
  const egress = createEgress(local);
  const url = `http://team.example:${port}/a`;
  await expect(egress({ url, ...LIMITS })).rejects.toMatchObject({
    code: 'forbidden',
    reason: 'private_address',
    address: '127.0.0.1',
    message: `${url} is refused: team.example is 127.0.0.1, an address that is not of the open internet`,
  });
  expect(asked).toBe(0);
  const answer = await egress({ url, ...open });
  expect(answer).toMatchObject({ url, status: 200, cut: false, redirects: [] });
  expect(Buffer.from(answer.body).toString()).toBe('hello');
});

test.each([
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://[::1]/',
  'http://[::ffff:7f00:1]/',
  'http://localhost/',
  'http://a.localhost./',
])('%s is refused as it stands', async (url) => {
  // A resolver that would let everything through is not asked.
  const egress = createEgress({ resolve: () => Promise.resolve([{ address: '1.1.1.1', family: 4 }]) });
  await expect(egress({ url, ...LIMITS })).rejects.toMatchObject({ reason: 'private_address' });
});

test('one private address among public ones is enough to refuse', async () => {
  const egress = createEgress({
    resolve: () =>
      Promise.resolve([
        { address: '1.1.1.1', family: 4 },
        { address: 'fd00::1', family: 6 },
      ]),
  });
  await expect(egress({ url: 'http://mixed.example/', ...LIMITS })).rejects.toMatchObject({
    address: 'fd00::1',
  });
});

test('a name is looked up once for each connection: what it says later leads nowhere (DNS rebinding)', async () => {
  const { port } = await serve((_request, response) => response.end('mine'));
  let lookups = 0;
  const egress = createEgress({
    resolve: () => {
      lookups++;
      return Promise.resolve(lookups === 1 ? HERE : [{ address: '10.255.255.1', family: 4 }]);
    },
  });
  const answer = await egress({ url: `http://rebind.example:${port}/`, ...open });
  expect(Buffer.from(answer.body).toString()).toBe('mine');
  expect(lookups).toBe(1);
});

test('a redirect to a private address is refused, and names where it led', async () => {
  const { port } = await serve((_request, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
  });
  // The first name passes as of the open internet, though its connection comes here.
  const egress = createEgress({
    resolve: () => Promise.resolve(HERE),
  });
  const asked: string[] = [];
  await expect(
    egress({
      url: `http://out.example:${port}/`,
      ...LIMITS,
      get allowPrivate() {
        return asked.length < 2;
      },
      check: (url) => void asked.push(url.hostname),
    }),
  ).rejects.toMatchObject({ reason: 'private_address', address: '169.254.169.254' });
  expect(asked).toEqual(['out.example', '169.254.169.254']);
});

test('redirects are followed to a bound, from a POST as a GET, and another origin gets no headers of the caller', async () => {
  const seen: string[] = [];
  const { port } = await serve((request, response) => {
    const { authorization, 'x-key': key, accept } = request.headers;
    seen.push(
      [request.method, request.headers.host?.split(':')[0], request.url, authorization, key, accept].join(
        ' ',
      ),
    );
    const to = { '/1': '/2', '/2': `http://other.example:${port}/3` }[request.url ?? ''];
    if (to === undefined) response.end('end');
    else response.writeHead(303, { location: to }).end();
  });
  const egress = createEgress(local);
  const answer = await egress({
    url: `http://one.example:${port}/1`,
    method: 'POST',
    body: 'x',
    headers: { Authorization: 'secret', 'X-Key': 'key', Accept: 'text/plain', 'Content-Type': 'a/b' },
    ...open,
  });
  expect(answer.url).toBe(`http://other.example:${port}/3`);
  expect(answer.redirects).toEqual([`http://one.example:${port}/1`, `http://one.example:${port}/2`]);
  expect(seen).toEqual([
    'POST one.example /1 secret key text/plain',
    'GET one.example /2 secret key text/plain',
    'GET other.example /3   text/plain',
  ]);
});

test('a 307 keeps method and body', async () => {
  const bodies: string[] = [];
  const { port } = await serve((request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      bodies.push(`${request.method} ${text}`);
      if (request.url === '/1') response.writeHead(307, { location: '/2' }).end();
      else response.end();
    })();
  });
  await createEgress(local)({ url: `http://a.example:${port}/1`, method: 'POST', body: 'text', ...open });
  expect(bodies).toEqual(['POST text', 'POST text']);
});

test('a redirect loop ends', async () => {
  let asked = 0;
  const { port } = await serve((request, response) => {
    asked++;
    response.writeHead(301, { location: request.url ?? '' }).end();
  });
  const url = `http://loop.example:${port}/`;
  await expect(createEgress(local)({ url, maxRedirects: 3, ...open })).rejects.toMatchObject({
    reason: 'redirects',
    code: 'invalid_request',
    message: `${url} redirects more than 3 times, last from ${url}`,
  });
  expect(asked).toBe(4);
});

test('an endless body is refused or cut at its limit', async () => {
  const { port } = await serve((_request, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(1000, 'x')));
    };
    response.on('drain', more);
    more();
  });
  const url = `http://endless.example:${port}/`;
  const egress = createEgress(local);
  await expect(egress({ url, ...open })).rejects.toMatchObject({
    reason: 'too_large',
    code: 'payload_too_large',
    message: `${url} sends more than 1000 bytes`,
  });
  const cut = await egress({ url, overLimit: 'cut', ...open });
  expect([cut.body.length, cut.cut]).toEqual([1000, true]);
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const)('a body in %s is decompressed, and its size counted after that', async (name, compress) => {
  const bomb = compress(Buffer.alloc(5_000_000));
  const { port } = await serve((request, response) => {
    response.writeHead(200, { 'content-encoding': name });
    response.end(request.url === '/bomb' ? bomb : compress(Buffer.from('x'.repeat(1000))));
  });
  const egress = createEgress(local);
  const good = await egress({ url: `http://a.example:${port}/`, ...open });
  expect(Buffer.from(good.body).toString()).toBe('x'.repeat(1000));
  await expect(egress({ url: `http://a.example:${port}/bomb`, ...open })).rejects.toMatchObject({
    reason: 'too_large',
  });
});

test.each([
  ['a broken body', 'gzip', 'not gzip', /cannot be read \(Z_DATA_ERROR\)/],
  ['an unknown encoding', 'compress', 'x', /in an encoding that cannot be read: compress$/],
  ['too many encodings', 'gzip, gzip, gzip', 'x', /cannot be read: gzip, gzip, gzip$/],
])('%s is refused with words', async (_what, encoding, body, words) => {
  const { port } = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': encoding }).end(body);
  });
  await expect(createEgress(local)({ url: `http://a.example:${port}/`, ...open })).rejects.toMatchObject({
    reason: 'broken_answer',
    message: expect.stringMatching(words),
  });
});

test.each([
  ['file:///etc/passwd', /is not an http or https URL$/],
  ['ftp://a.example/', /is not an http or https URL$/],
  ['nonsense', /^nonsense is not a URL$/],
  ['http://me:hunter2@a.example/', /has a user name or a password in it/],
])('%s is refused', async (url, words) => {
  const refused = await createEgress(local)({ url, ...open }).catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({
    code: 'invalid_request',
    reason: 'address',
    message: expect.stringMatching(words),
  });
  expect(String(refused)).not.toContain('hunter2');
});

test('only https where that is asked, for the URL and for what it redirects to', async () => {
  await expect(createEgress(local)({ url: 'http://a.example/', httpsOnly: true, ...open })).rejects.toThrow(
    'http://a.example/ is not https, and only https is taken here',
  );
});

test('a server that says nothing is given up after the timeout; an abort ends at once with its reason', async () => {
  const { port } = await serve(() => {});
  const url = `http://slow.example:${port}/`;
  const egress = createEgress(local);
  await expect(egress({ url, ...open, timeoutMs: 50 })).rejects.toMatchObject({
    code: 'timeout',
    message: `${url} did not answer in 0.05 s`,
  });
  const controller = new AbortController();
  const waiting = egress({ url, ...open, signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  // A resolver that never answers holds nothing up either.
  const stuck = createEgress({ resolve: () => new Promise<never>(() => {}) });
  await expect(stuck({ url, ...open, timeoutMs: 20 })).rejects.toMatchObject({ reason: 'timeout' });
});

test('what cannot be reached names URL and address', async () => {
  const { port, server } = await serve(() => {});
  await new Promise((done) => server.close(done));
  const url = `http://gone.example:${port}/`;
  await expect(createEgress(local)({ url, ...open })).rejects.toMatchObject({
    code: 'unavailable',
    address: '127.0.0.1',
    message: `${url} cannot be reached at 127.0.0.1 (ECONNREFUSED)`,
  });
  const nameless = createEgress({ resolve: () => Promise.resolve([]) });
  await expect(nameless({ url, ...open })).rejects.toThrow(
    `${url} cannot be reached: no address for gone.example`,
  );
});

test('through a proxy: a name that only the proxy knows is left to it, one that is private here is refused', async () => {
  const connects: string[] = [];
  const proxy = createSocketServer((socket) => {
    socket.once('data', (data) => {
      connects.push(data.toString().split('\r\n', 1)[0] ?? '');
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nproxy');
    });
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  onTestFinished(() => void proxy.close());
  const proxyFor = (): string => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const unknown = createEgress({ proxyFor, resolve: () => Promise.reject(new Error('ENOTFOUND')) });
  await unknown({ url: 'http://inside.example/', ...LIMITS }).catch(() => undefined);
  expect(connects).toHaveLength(1);
  expect(connects[0]).toContain('inside.example');
  await expect(
    createEgress({ ...local, proxyFor })({ url: 'http://a.example/', ...LIMITS }),
  ).rejects.toMatchObject({
    reason: 'private_address',
  });
  expect(connects).toHaveLength(1);
});
