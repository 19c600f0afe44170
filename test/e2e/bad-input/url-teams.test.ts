import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { scriptCassette } from '../../../src/testing/model-server/script-cassette.ts';
import { type Scratch, STACK, teamText, test } from '../cli.ts';

const CERTIFICATES = join(import.meta.dirname, '..', '..', 'unit', 'model', 'fixtures', 'certificates');

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** `models.test` over TLS behind a real CONNECT proxy, as a server of the open internet is behind a company's; answers in turn, the last one stays. */
async function withSite(
  place: Scratch,
  answers: readonly { status?: number; text: string; headers?: Record<string, string> }[],
  act: (env: Record<string, string>) => Promise<void>,
): Promise<void> {
  const left = [...answers];
  const key = readFileSync(join(CERTIFICATES, 'server.key'));
  const cert = readFileSync(join(CERTIFICATES, 'server.pem'));
  const site = createHttpsServer({ key, cert }, (_request, response) => {
    const answer = (left.length > 1 ? left.shift() : left[0]) ?? { text: '' };
    response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.text);
  });
  const sitePort = await listening(site);
  const proxy = createHttpServer();
  proxy.on('connect', (_request, client) => {
    const upstream = connect(sitePort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  const port = await listening(proxy);
  try {
    await act({
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
      NODE_EXTRA_CA_CERTS: join(CERTIFICATES, 'ca.pem'),
      XDG_CACHE_HOME: join(place.root, 'cache'),
    });
  } finally {
    for (const server of [site, proxy]) {
      server.closeAllConnections();
      server.close();
    }
  }
}

const MODEL = { api: 'openai_chatcompletions', model: 'gpt-4o' } as const;

const RUN = ['run', 'https://models.test/team.yaml', '--exec', '--fake', 'c.yaml', 'hi'];
const NEEDS_YES = teamText({ toolsets: ['shell'], extra: 'read_roots: [/etc]' });

test.concurrent('a team by URL runs; what needs a yes is listed and holds it, and --trust is the yes', async ({
  place,
}) => {
  await place.write('c.yaml', scriptCassette([{ text: 'From afar.' }], MODEL));
  await withSite(place, [{ text: teamText() }], async (env) => {
    const ended = await place.run(RUN, { env });
    expect(ended).toMatchObject({ code: 0, stdout: 'From afar.\n' });
  });
  await withSite(place, [{ text: NEEDS_YES }], async (env) => {
    const held = await place.run(RUN, { env });
    expect(held.code).toBe(3);
    expect(held.stderr).toContain(
      'the team https://models.test/team.yaml is not trusted, and it would do this',
    );
    expect(held.stderr).toContain('tools may read /etc');
    expect(held.stderr).toContain('say so: --trust, or save it as a file and name that.');
    expect((await place.run([...RUN, '--trust'], { env })).code).toBe(0);
  });
});

test.concurrent('a team that changes between load and run does not run', async ({ place }) => {
  await place.write('c.yaml', scriptCassette([{ text: 'Never.' }], MODEL));
  const other = { text: teamText({ toolsets: ['think'] }) };
  await withSite(place, [{ text: teamText() }, { text: teamText() }, other], async (env) => {
    const ended = await place.run(RUN, { env });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/it changed; load it again/);
  });
});

test.concurrent.for([
  [
    'a redirect to a private address',
    { status: 302, text: '', headers: { location: 'https://10.0.0.1/team.yaml' } },
    3,
    'https://10.0.0.1/team.yaml, to which https://models.test/team.yaml redirects, is refused: 10.0.0.1, an address that is not of the open internet',
  ],
  ['404', { status: 404, text: 'gone' }, 2, 'answers 404: there is no team; check the address'],
  [
    'a web page',
    { text: '<!doctype html><body>Sign in</body>' },
    2,
    'is a web page (HTML), not a team file; use the address of the file itself ("raw")',
  ],
] as const)('%s: words and exit code', async ([_what, answer, code, words], { place }) => {
  await withSite(place, [answer], async (env) => {
    const ended = await place.run(['run', 'https://models.test/team.yaml', '--dry-run'], { env });
    expect(ended.stderr).toContain(words);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).not.toMatch(STACK);
  });
});

test.concurrent('a private address is refused (exit 3), and no stack is shown', async ({ place }) => {
  const ended = await place.run(['run', 'https://127.0.0.1/team.yaml', '--dry-run']);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain(
    'https://127.0.0.1/team.yaml is refused: 127.0.0.1, an address that is not of',
  );
  expect(ended.stderr).not.toMatch(STACK);
});

test.concurrent('`-` as the first word is a team from stdin, untrusted', async ({ place }) => {
  await place.write('c.yaml', scriptCassette([{ text: 'Piped.' }], MODEL));
  const words = ['run', '-', '--exec', '--fake', 'c.yaml', 'hi'];
  expect(await place.run(words, { stdin: teamText() })).toMatchObject({ code: 0, stdout: 'Piped.\n' });
  const held = await place.run(words, { stdin: NEEDS_YES });
  expect(held.code).toBe(3);
  expect(held.stderr).toContain('the team stdin is not trusted');
});
