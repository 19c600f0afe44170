import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServeFlags } from '../../../../src/cli/serve/serve-flags.ts';
import { serveApi } from '../../../../src/cli/serve/serve-api.ts';
import { tokenHash } from '../../../../src/server/auth/token.ts';
import { memoryIo, type MemoryIo } from '../streams.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-serve-'));
  writeFileSync(
    join(folder, 'hello.yaml'),
    'agents:\n  root:\n    model: openai/gpt-4o\n    description: Greets\n    instruction: Greet.\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Started {
  io: MemoryIo;
  /** The one line of stdout. */
  line: string;
  url: string;
  /** As SIGTERM does; gives the exit code. */
  stop(): Promise<number>;
}

function begin(more: Partial<ServeFlags>, words: string[], env: Record<string, string> = {}) {
  const io = memoryIo({ cwd: folder, home: folder, env: { OPENAI_API_KEY: 'test-key', ...env } });
  let once = (): void => undefined;
  const flags: ServeFlags = {
    listen: '127.0.0.1:0',
    logFormat: 'text',
    drain: 1_000,
    maxSessions: 10,
    maxRuns: 10,
    idleTimeout: 60_000,
    ...more,
  };
  const ended = serveApi(flags, words, io, (handlers) => {
    once = () => handlers.once('SIGTERM');
    return () => undefined;
  });
  return { io, ended, stop: () => once() };
}

async function start(
  more: Partial<ServeFlags> = {},
  words = ['hello.yaml'],
  env: Record<string, string> = {},
): Promise<Started> {
  const { io, ended, stop } = begin(more, words, env);
  const shown = new Promise<void>((resolve) => io.stdout.once('data', () => resolve()));
  await Promise.race([shown, ended]);
  const line = io.out();
  return {
    io,
    line,
    url: /^listening on (\S+);/.exec(line)?.[1] ?? '',
    async stop() {
      stop();
      return ended;
    },
  };
}

function post(url: string, token?: string): Promise<Response> {
  return fetch(`${url}/v1/team/list`, {
    method: 'POST',
    body: '{}',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
}

test('without a token one is made, shown once, and asked for', async () => {
  const { url, line, io, stop } = await start();
  const token = /YONDER_TOKEN=(yt_\S+) yonder run --remote /.exec(line)?.[1];
  expect(line).toBe(`listening on ${url}; connect with: YONDER_TOKEN=${token} yonder run --remote ${url}\n`);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  expect((await post(url)).status).toBe(401);
  expect((await post(url, 'yt_other')).status).toBe(401);
  const answer = await post(url, token);
  expect(await answer.json()).toEqual({
    teams: [{ name: 'hello', description: 'Greets', agents: ['root'], trusted: true }],
  });
  expect(await stop()).toBe(0);
  expect(io.out()).toBe(line);
  expect(io.err()).not.toContain(token);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});

test('a token that was given is not shown', async () => {
  const { url, line, stop } = await start({}, [], { YONDER_AUTH_TOKEN: 'of-the-variable' });
  expect(line).not.toContain('of-the-variable');
  const { teams } = (await (await post(url, 'of-the-variable')).json()) as { teams: { name: string }[] };
  expect(teams.map(({ name }) => name)).toEqual(['default', 'coder']);
  await stop();
});

test('those of a tokens file come in as who they are', async () => {
  writeFileSync(
    join(folder, 'tokens.yaml'),
    `- {principal: ann, hash: ${tokenHash('of-ann')}, scopes: [read]}\n`,
  );
  const { url, line, stop } = await start({ authTokens: 'tokens.yaml' });
  expect(line).toBe(`listening on ${url}; connect with: yonder run --remote ${url}\n`);
  expect((await post(url)).status).toBe(401);
  const headers = { authorization: 'Bearer of-ann' };
  const answer = await fetch(`${url}/v1/capabilities`, { headers });
  expect(await answer.json()).toMatchObject({ scopes: ['read'] });
  await stop();
});

function overSocket(path: string, headers: Record<string, string>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = request({ socketPath: path, path: '/v1/capabilities', headers }, (answer) => {
    answer.resume();
    resolve(answer.statusCode ?? 0);
  });
  asked.once('error', reject).end();
  return promise;
}

test('on a socket of our own whoever comes is the local user, unless a token was given', async () => {
  mkdirSync(join(folder, 'run'), { mode: 0o700 });
  const path = join(folder, 'run', 'api.sock');
  const open = await start({ listen: `unix://${path}` });
  expect(open.line).toBe(`listening on unix://${path}; connect with: yonder run --remote unix://${path}\n`);
  expect(await overSocket(path, {})).toBe(200);
  await open.stop();
  const guarded = await start({ listen: `unix://${path}`, authToken: 'given' });
  expect(await overSocket(path, {})).toBe(401);
  expect(await overSocket(path, { authorization: 'Bearer given' })).toBe(200);
  await guarded.stop();
});

test.each<[Partial<ServeFlags>, string]>([
  [{ listen: 'here' }, '--listen here is no address'],
  [{ fake: 'a.yaml', record: true }, '--fake and --record cannot stand together'],
  [{ fakeMatch: 'order' }, '--fake-match needs --fake'],
  [{ fakeStream: 1 }, '--fake-stream needs --fake'],
  [{ tlsCert: 'c.pem' }, '--tls-cert needs --tls-key'],
  [{ tlsKey: 'k.pem' }, '--tls-key needs --tls-cert'],
  [
    { tlsCert: 'c.pem', tlsKey: 'k.pem', listen: 'unix:///run/x' },
    '--tls-cert and --listen unix:///run/x cannot stand together',
  ],
  [{ tlsCert: 'c.pem', tlsKey: 'k.pem' }, '--tls-cert '],
  [{ authToken: 'a b' }, '--auth-token: a token is printable characters without blanks'],
  [{ authTokens: 'none.yaml' }, 'none.yaml cannot be read (ENOENT)'],
  [{ policy: 'none.yaml' }, 'there is no policy file'],
  [{ fake: 'none' }, '--fake: '],
  [{ workingDir: 'none' }, 'does not exist; name one with --working-dir'],
])('%j is refused before anything is listened on', async (flags, words) => {
  const { ended, io } = begin(flags, []);
  await expect(ended).rejects.toThrow(words);
  expect(io.out()).toBe('');
});

test('an open socket folder and a broken team are refused', async () => {
  mkdirSync(join(folder, 'run'));
  chmodSync(join(folder, 'run'), 0o777);
  const loose = begin({ listen: `unix://${join(folder, 'run', 'api.sock')}` }, []);
  await expect(loose.ended).rejects.toThrow('others can enter its folder');
  writeFileSync(join(folder, 'bad.yaml'), 'agents:\n  root:\n    modle: x\n');
  const broken = begin({}, ['bad.yaml']);
  await expect(broken.ended).rejects.toThrow(/^bad\.yaml:3:5: /);
});

test('teams are read again at the interval; a line on stderr says so, as JSON where that is asked for', async () => {
  const { url, io, stop } = await start({ pullInterval: 20, logFormat: 'json', authToken: 'given' });
  const text = 'agents:\n  lead:\n    model: openai/gpt-4o\n    description: Leads\n    instruction: Lead.\n';
  writeFileSync(join(folder, 'hello.yaml'), text);
  await io.shows('was read again');
  const { teams } = (await (await post(url, 'given')).json()) as { teams: unknown };
  expect(teams).toEqual([{ name: 'hello', description: 'Leads', agents: ['lead'], trusted: true }]);
  await stop();
  const lines = io.err().trim().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toContainEqual({
    time: '2026-01-02T03:04:05.000Z',
    level: 'info',
    message: 'the team hello was read again, and is another now',
  });
});

test('a port that is taken is said', async () => {
  const first = await start();
  const second = begin({ listen: new URL(first.url).host }, []);
  await expect(second.ended).rejects.toMatchObject({ code: 'unavailable' });
  await first.stop();
});
