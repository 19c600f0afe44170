import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { armsOf, randomOf, seedOf } from '../../../src/testing/contract/arms.ts';
import { startCuttingProxy, type CuttingProxy, type Fate } from '../../../src/testing/cutting-proxy.ts';

/** A server that answers every byte with itself, and a client of the proxy before it. */
async function place(fate: Fate): Promise<{ proxy: CuttingProxy; client: Socket; theirs: () => Socket }> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const bound = server.address() as { port: number };
  const proxy = await startCuttingProxy({ host: '127.0.0.1', port: bound.port }, () => fate);
  const client = connect({ host: '127.0.0.1', port: Number(new URL(proxy.url).port) });
  client.on('error', () => client.destroy());
  onTestFinished(async () => {
    client.destroy();
    await proxy.close();
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  return { proxy, client, theirs: () => accepted[0] as Socket };
}

/** All that comes until the connection ends. */
async function rest(client: Socket): Promise<string> {
  let text = '';
  client.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const { promise, resolve } = Promise.withResolvers<string>();
  client.on('close', () => resolve(text));
  return promise;
}

test('what is left whole comes through, both ways and to its end', async () => {
  const { proxy, client } = await place({ kind: 'whole' });
  client.end('hello there');
  expect(await rest(client)).toBe('hello there');
  expect([proxy.connections, proxy.broken, proxy.carried]).toEqual([1, 0, [11]]);
});

test('a cut lets so many bytes through and no more', async () => {
  const { proxy, client } = await place({ kind: 'cut', after: 5 });
  client.write('hello there');
  expect(await rest(client)).toBe('hello');
  expect(proxy.broken).toBe(1);
});

test('a cut on the way up keeps the rest from the server', async () => {
  const { client, theirs } = await place({ kind: 'cut', after: 5, on: 'up' });
  client.write('hello there');
  await rest(client);
  expect(theirs().bytesRead).toBe(5);
});

test('a stall brings nothing more, and tells nobody', async () => {
  const { proxy, client, theirs } = await place({ kind: 'stall', after: 5 });
  client.write('hello');
  const [first] = (await once(client, 'data')) as [Buffer];
  expect(first.toString()).toBe('hello');
  theirs().write('more');
  client.write('there');
  expect([client.destroyed, theirs().destroyed]).toEqual([false, false]);
  proxy.breakAll();
  expect(await rest(client)).toBe('');
});

test('half open, the server sees its client go, and the client sees nothing', async () => {
  const { client, theirs } = await place({ kind: 'half-open', after: 5 });
  client.write('hello');
  await once(client, 'data');
  if (!theirs().destroyed) await once(theirs(), 'close');
  expect([client.destroyed, client.readableEnded]).toEqual([false, false]);
});

test('a refused connection ends as soon as it is there', async () => {
  const { proxy, client } = await place({ kind: 'refuse' });
  expect(await rest(client)).toBe('');
  expect(proxy.broken).toBe(1);
});

test('each behaviour takes this process and one wire in the short form, the same each time, and all in the long one', () => {
  const titles = Array.from({ length: 300 }, (_, index) => `behaviour ${index}`);
  const short = titles.map((title) => armsOf(title, undefined, 'short'));
  expect(short).toEqual(titles.map((title) => armsOf(title, undefined, 'short')));
  for (const arms of short) expect([arms.length, arms[0]]).toEqual([2, 'local']);
  for (const arm of ['handler', 'tcp', 'unix', 'cut'] as const) {
    expect(short.filter((arms) => arms.includes(arm)).length).toBeGreaterThan(45);
  }
  expect(armsOf('any', undefined, 'all')).toHaveLength(5);
  const both = [...armsOf('any', undefined, 'short'), ...armsOf('any', undefined, 'rest')];
  expect(both.toSorted()).toEqual(armsOf('any', undefined, 'all').toSorted());
  for (const extent of ['short', 'rest'] as const)
    expect(armsOf('any', ['handler'], extent)).toEqual(['handler']);
  expect(randomOf(seedOf('a'))()).toBe(randomOf(seedOf('a'))());
});
