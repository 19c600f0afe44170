import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Egress } from '../../../src/process/egress/egress.ts';
import { hostEgress } from '../../../src/runtime/host/egress.ts';
import { fetchTeam, type FetchedTeam } from '../../../src/team/fetch-team.ts';

const TEAM = 'agents:\n  root:\n    model: openai/gpt-4o\n';
const URL_OF_TEAM = 'https://teams.example/a/team.yaml';

let folder: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: IncomingMessage[];
let egress: Egress;
const server = createServer((request, response) => {
  asked.push(request);
  answer(request, response);
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-url-'));
  asked = [];
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  // The real egress; only TLS is left out, which has its test in test/e2e.
  const real = hostEgress({ resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) });
  egress = async (request) => {
    expect(request.httpsOnly).toBe(true);
    const url = request.url.replace('https://teams.example', `http://teams.example:${port}`);
    return real({ ...request, url, httpsOnly: false, allowPrivate: true });
  };
});
afterEach(async () => {
  server.closeAllConnections();
  if (server.listening) await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true, force: true });
});

function load(more: { timeoutMs?: number; cacheFolder?: string } = {}): Promise<FetchedTeam> {
  const now = (): Date => new Date('2026-01-02T03:04:05Z');
  return fetchTeam(URL_OF_TEAM, { egress, cacheFolder: join(folder, 'cache'), now, ...more });
}

function plain(status: number, text: string, headers: Record<string, string> = {}): void {
  answer = (_request, response) => response.writeHead(status, headers).end(text);
}

test('a team is fetched, kept, and asked for again by its ETag', async () => {
  plain(200, TEAM, { etag: '"one"' });
  const source = { kind: 'inline', entry: URL_OF_TEAM, files: { [URL_OF_TEAM]: TEAM } };
  expect(await load()).toEqual({ source, warnings: [] });
  expect(asked[0]?.headers['if-none-match']).toBeUndefined();
  answer = (request, response) => {
    response.writeHead(request.headers['if-none-match'] === '"one"' ? 304 : 500).end();
  };
  expect(await load()).toEqual({ source, warnings: [] });
  plain(200, `${TEAM}# two\n`, { etag: '"two"' });
  expect((await load()).source.files[URL_OF_TEAM]).toBe(`${TEAM}# two\n`);
  plain(500, '');
  expect((await load()).source.files[URL_OF_TEAM]).toBe(`${TEAM}# two\n`);
});

test('where nobody answers the copy is used, and a warning says so', async () => {
  plain(200, TEAM);
  await load();
  await new Promise((done) => server.close(done));
  const { source, warnings } = await load();
  expect(source.files[URL_OF_TEAM]).toBe(TEAM);
  expect(warnings).toEqual([
    {
      where: { file: URL_OF_TEAM, line: 1, column: 1 },
      message: expect.stringMatching(
        /cannot be reached at 127.0.0.1 \(ECONNREFUSED\); the copy of 2026-01-02T03:04:05.000Z is used$/,
      ),
    },
  ]);
});

test('a slow server is given up; with a copy that is used', async () => {
  answer = () => {};
  await expect(load({ timeoutMs: 30 })).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringMatching(/team\.yaml did not answer in 0\.03 s$/),
  });
  plain(200, TEAM);
  await load();
  answer = () => {};
  const { warnings } = await load({ timeoutMs: 30 });
  expect(warnings[0]?.message).toMatch(/did not answer in 0\.03 s; the copy of .* is used$/);
});

test.each([
  [404, 'not_found', /team\.yaml answers 404: there is no team; check the address$/],
  [410, 'not_found', /answers 410/],
  [403, 'invalid_team', /answers 403: it wants a login, and none is sent; download the file and name it$/],
  [418, 'invalid_team', /answers 418 instead of a team file$/],
  [503, 'unavailable', /answers 503; try again later$/],
  [304, 'invalid_team', /answers 304 instead of a team file$/],
])('status %d is %s, and nothing is kept', async (status, code, words) => {
  plain(status, status === 304 ? '' : TEAM);
  await expect(load()).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
  expect(readdirSync(folder)).toEqual([]);
});

test('an address that is gone is no team, copy or not', async () => {
  plain(200, TEAM);
  await load();
  plain(404, '');
  await expect(load()).rejects.toMatchObject({ code: 'not_found' });
});

test.each([
  ['a page by its type', TEAM, { 'content-type': 'text/html; charset=utf-8' }, /is a web page \(HTML\)/],
  ['a page by its text', '\n<!DOCTYPE html><html>', {}, /is a web page \(HTML\)/],
  ['no UTF-8', 'agents: \u00ff', {}, /is not UTF-8/],
])('%s is no team file', async (_what, text, headers, words) => {
  answer = (_request, response) => response.writeHead(200, headers).end(Buffer.from(text, 'latin1'));
  await expect(load()).rejects.toMatchObject({ code: 'invalid_team', message: expect.stringMatching(words) });
});

test('more than 1 MiB is refused', async () => {
  plain(200, 'x'.repeat(1024 * 1024 + 1));
  await expect(load()).rejects.toMatchObject({
    code: 'payload_too_large',
    message: expect.stringMatching(/sends more than 1048576 bytes$/),
  });
});

test('a refused redirect is refused though there is a copy', async () => {
  plain(200, TEAM);
  await load();
  plain(302, '', { location: 'ftp://elsewhere.example/' });
  await expect(load()).rejects.toMatchObject({ code: 'invalid_request' });
});

test('a copy that is broken is fetched anew; one that cannot be kept is a warning', async () => {
  plain(200, TEAM);
  await load();
  const [file = ''] = readdirSync(join(folder, 'cache', 'teams'));
  writeFileSync(join(folder, 'cache', 'teams', file), '{"url"');
  expect((await load()).warnings).toEqual([]);
  mkdirSync(join(folder, 'file'));
  writeFileSync(join(folder, 'file', 'teams'), '');
  const { source, warnings } = await load({ cacheFolder: join(folder, 'file') });
  expect(source.files[URL_OF_TEAM]).toBe(TEAM);
  expect(warnings[0]?.message).toMatch(/^no copy of it could be kept in .*file \(EEXIST\)$/);
});
