import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Agent, fetch as undiciFetch } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readAddress, urlOf } from '../../../src/server/listen/address.ts';
import { socketPath } from '../../../src/server/listen/socket-folder.ts';
import { ownFolder, portOf, serving } from './on-socket.ts';

test.each([
  ['127.0.0.1:8080', { kind: 'tcp', host: '127.0.0.1', port: 8080 }],
  ['[::1]:0', { kind: 'tcp', host: '::1', port: 0 }],
  ['localhost:65535', { kind: 'tcp', host: 'localhost', port: 65_535 }],
  ['unix:///run/y/s.sock', { kind: 'unix', path: '/run/y/s.sock' }],
  ['fd://3', { kind: 'fd', fd: 3 }],
])('%s is an address', (text, address) => {
  expect(readAddress(text)).toEqual(address);
});

test.each([
  '',
  '8080',
  ':8080',
  'a b:1',
  'h:65536',
  'h:x',
  'unix://rel',
  'unix:/a',
  'unix:///',
  'unix:///a/',
  'fd://2',
  'fd://x',
  'fd:3',
])('%j is none', (text) => {
  expect(() => readAddress(text)).toThrow(
    expect.objectContaining({
      code: 'invalid_request',
      message: expect.stringContaining(`--listen ${text}`),
    }),
  );
});

test('the address that is told can be used', async () => {
  const listener = await serving();
  expect(listener.url).toBe(`http://127.0.0.1:${portOf(listener)}`);
  expect((await fetch(`${listener.url}/health`)).status).toBe(200);
  await listener.close();
  await listener.close();
  await expect(fetch(`${listener.url}/health`)).rejects.toThrow('fetch failed');
  expect(urlOf({ kind: 'tcp', host: '::1', port: 1 }, true)).toBe('https://[::1]:1');
});

describe('an address that cannot be listened on', () => {
  test('in use', async () => {
    const port = portOf(await serving());
    await expect(serving({ listen: `127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'unavailable',
      message: `--listen 127.0.0.1:${port}: the port is in use; choose another, or 0 for one that is free`,
    });
  });

  test.each([
    ['192.0.2.1:1', /^--listen 192\.0\.2\.1:1: this machine has no such address$/],
    ['nobody.invalid:1', /^--listen nobody\.invalid:1: the name nobody\.invalid has no address$/],
    [
      'fd://999',
      /^--listen fd:\/\/999: this is no listening socket that was passed on to this program \(E[A-Z]+\)$/,
    ],
  ])('%s', async (listen, message) => {
    await expect(serving({ listen })).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
  });
});

describe('a unix socket', () => {
  const ask = async (path: string): Promise<number> => {
    const dispatcher = new Agent({ connect: { socketPath: path } });
    onTestFinished(() => dispatcher.close());
    return (await undiciFetch('http://any-name/health', { dispatcher })).status;
  };

  test('is for this user alone, in a folder that is made where it is missing, and gone after', async () => {
    const folder = join(ownFolder(), 'new');
    const path = join(folder, 's.sock');
    const listener = await serving({ listen: `unix://${path}` });
    expect(listener.url).toBe(`unix://${path}`);
    expect([statSync(folder).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(await ask(path)).toBe(200);
    await listener.close();
    expect(existsSync(path)).toBe(false);
  });

  test('that a killed server left is taken over, one that is listened on is not', async () => {
    const path = join(ownFolder(), 's.sock');
    const killed = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    await once(killed, 'exit');
    expect(lstatSync(path).isSocket()).toBe(true);
    const both = await Promise.allSettled([
      serving({ listen: `unix://${path}` }),
      serving({ listen: `unix://${path}` }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'unavailable', message: `--listen unix://${path}: another server listens there` },
    });
    expect(await ask(path)).toBe(200);
  });

  test('is refused where it is no socket, too long, or nobody made the folder above', async () => {
    const folder = ownFolder();
    writeFileSync(join(folder, 'file'), 'x');
    const long = join(folder, 'x'.repeat(120));
    const cases: [string, RegExp][] = [
      [join(folder, 'file'), /: something else than a socket is there; name another path$/],
      [
        long,
        new RegExp(`: has ${long.length} bytes, and a socket's path at most 107; choose a shorter one$`),
      ],
      [join(folder, 'file', 's'), /: .*file is no folder$/],
      [join(folder, 'a', 'b', 's'), /: needs the folder .*\/a, which is not there; make it first$/],
    ];
    for (const [path, message] of cases)
      await expect(serving({ listen: `unix://${path}` })).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(message),
      });
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('is refused where others could reach it', async () => {
    const folder = ownFolder();
    mkdirSync(join(folder, 'own'), { mode: 0o700 });
    mkdirSync(join(folder, 'open'));
    chmodSync(join(folder, 'open'), 0o750);
    symlinkSync(join(folder, 'own'), join(folder, 'link'));
    mkdirSync(join(folder, 'loose'));
    chmodSync(join(folder, 'loose'), 0o777);
    mkdirSync(join(folder, 'loose', 'own'), { mode: 0o700 });
    const cases: [string, RegExp][] = [
      ['open/s', /others can enter its folder .*open \(mode 0750\); name one that only you can enter/],
      ['link/s', /its folder .*link is a link; name the folder itself/],
      ['loose/own/s', /others can change .*loose, which is above its folder \(mode 0777\)/],
    ];
    for (const [path, message] of cases)
      await expect(serving({ listen: `unix://${join(folder, path)}` })).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(message),
      });
    expect(readdirSync(join(folder, 'own'))).toEqual([]);
  });
});

describe('a user who is not root', () => {
  /** What becomes of listening as nobody: the address, or the code and words of the refusal. */
  const asNobody = (addresses: string[]): string[] => {
    const source = join(import.meta.dirname, '../../../src/server');
    const script = `
      import { readAddress } from ${JSON.stringify(join(source, 'listen/address.ts'))};
      import { listen } from ${JSON.stringify(join(source, 'listen/listen.ts'))};
      for (const address of process.argv.slice(1)) {
        try {
          const listener = await listen(async () => new Response(), readAddress(address));
          console.log(listener.url);
          await listener.close();
        } catch (error) {
          console.log(error.code, error.message);
        }
      }`;
    const words = ['--input-type=module-typescript', '-e', script, ...addresses];
    const child = spawnSync(process.execPath, words, { uid: 65_534, gid: 65_534, encoding: 'utf8' });
    return (child.stdout + child.stderr).trim().split('\n');
  };

  test('cannot have a low port, and no folder but one of his own', () => {
    const folder = ownFolder();
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'roots'), { mode: 0o700 });
    mkdirSync(join(folder, 'his'), { mode: 0o700 });
    chownSync(join(folder, 'his'), 65_534, 65_534);
    const at = (name: string): string => `unix://${folder}/${name}/s`;
    expect(asNobody(['127.0.0.1:81', at('roots'), at('his'), at('new')])).toEqual([
      'invalid_request --listen 127.0.0.1:81: this user may not listen on that port; choose one from 1024 on',
      `invalid_request --listen ${at('roots')}: its folder ${folder}/roots belongs to another user (0); use one of your own`,
      at('his'),
      `invalid_request --listen ${at('new')}: its folder cannot be made (EACCES): ${folder}/new`,
    ]);
    // What is his own is not root's to listen in either: he could put a link in its place.
    expect(() => socketPath(`${folder}/his/s`)).toThrow(/belongs to another user \(65534\)/);
    mkdirSync(join(folder, 'his', 'roots'), { mode: 0o700 });
    expect(() => socketPath(`${folder}/his/roots/s`)).toThrow(
      /others can change .*his, which is above its folder/,
    );
  });
});

test('a socket that was passed on is listened on', async () => {
  const opened: Server & { _handle?: { fd: number } } = createServer();
  opened.listen(0, '127.0.0.1');
  await once(opened, 'listening');
  onTestFinished(() => void opened.close());
  const { port } = opened.address() as { port: number };
  const program = `
    import { startServer } from ${JSON.stringify(join(import.meta.dirname, '../../../src/server/server.ts'))};
    const server = await startServer({}, { address: { kind: 'fd', fd: 3 }, authenticate: async () => undefined });
    console.log(server.url);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit', opened._handle?.fd ?? 0],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  expect(line.toString()).toBe(`http://127.0.0.1:${port}\n`);
  opened.close();
  expect(await (await fetch(`http://127.0.0.1:${port}/health`)).json()).toEqual({ status: 'ok' });
});
