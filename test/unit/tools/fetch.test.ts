import { createServer, type RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { hostEgress } from '../../../src/runtime/host/egress.ts';
import { buildToolsets } from '../../../src/tools/index.ts';
import { bench } from './support.ts';

const PAGE = `<html><head><title>A &amp; B</title><style>p{}</style></head><body><script>alert(1)</script>
<h2>Part</h2><p>Hello <b>you</b>, see <a href="/x">this</a>.</p></body></html>`;
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

let asked: { host: string; path: string; headers: Record<string, unknown> }[] = [];
beforeEach(() => {
  asked = [];
});

/** A site on this machine, reached by any name that is not `nowhere`. */
async function site(answer: RequestListener): Promise<number> {
  const server = createServer((request, response) => {
    asked.push({ host: request.headers.host ?? '', path: request.url ?? '', headers: request.headers });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const http = hostEgress({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] });

async function fetcher(options: Record<string, unknown> = {}) {
  const { run } = await bench([{ type: 'fetch', options: { allow_private_ips: true, ...options } }]);
  return (urls: string[], more: object = {}) => run('fetch', { urls, ...more }, { http });
}

const pages =
  (table: Record<string, RequestListener>): RequestListener =>
  (request, response) => {
    const found = table[request.url ?? ''];
    if (found !== undefined) return found(request, response);
    response.statusCode = 404;
    response.end('not here');
  };
const html: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(PAGE);
};
const redirect =
  (to: string): RequestListener =>
  (_request, response) => {
    response.writeHead(302, { location: to });
    response.end();
  };

test('a page is given as Markdown, text or HTML, without scripts and styles', async () => {
  const port = await site(pages({ '/': html }));
  const get = await fetcher();
  const url = `http://a.test:${port}/`;
  expect((await get([url])).output).toBe(`${url}:\n# A & B\n\n## Part\n\nHello **you**, see [this](/x).`);
  expect((await get([url], { format: 'text' })).output).toBe(
    `${url}:\nA & B\n\nPart\n\nHello you, see this.`,
  );
  expect((await get([url], { format: 'html' })).output).toBe(`${url}:\n${PAGE}`);
  expect(asked.map(({ path }) => path)).toEqual(['/robots.txt', '/', '/robots.txt', '/', '/robots.txt', '/']);
  expect(asked[1]?.headers['user-agent']).toBe('Yonder');
});

test('robots.txt is honoured, once for a site, on redirects too, and a server that fails allows nothing', async () => {
  const robots: RequestListener = (_request, response) =>
    response.end('User-agent: yonder\nDisallow: /private\n\nUser-agent: *\nDisallow:\n');
  const port = await site(
    pages({ '/robots.txt': robots, '/': html, '/away': redirect('/private/x'), '/private/x': html }),
  );
  const get = await fetcher();
  const url = `http://a.test:${port}`;
  const { output, is_error } = await get([`${url}/`, `${url}/private/y`, `${url}/away`]);
  expect(is_error).toBeUndefined();
  expect(output).toContain(`Error: ${url}/private/y is not read: ${url}/robots.txt disallows it`);
  expect(output).toContain(`Error: ${url}/private/x is not read: ${url}/robots.txt disallows it`);
  expect(asked.filter(({ path }) => path === '/robots.txt').length).toBe(1);
  const broken = await site((_request, response) => {
    response.statusCode = 503;
    response.end();
  });
  const refused = await get([`http://b.test:${broken}/`]);
  expect(refused).toMatchObject({
    is_error: true,
    output: expect.stringContaining('answers with status 503'),
  });
});

test('domains hold for what is asked and for each redirect, with all below them', async () => {
  let port = 0;
  port = await site((request, response) => {
    if (request.url === '/away') return redirect(`http://evil.test:${port}/x`)(request, response);
    return pages({ '/': html })(request, response);
  });
  const only = await fetcher({ allowed_domains: ['good.test'] });
  expect((await only([`http://sub.good.test:${port}/`])).is_error).toBeUndefined();
  expect((await only([`http://notgood.test:${port}/`])).output).toContain('the team allows only good.test');
  const away = await only([`http://good.test:${port}/away`]);
  expect(away.output).toContain(`http://evil.test:${port} is not read: the team allows only good.test`);
  const blocked = await fetcher({ blocked_domains: ['evil.test'] });
  expect((await blocked([`http://EVIL.test.:${port}/`])).output).toContain(
    'the team blocks the domain evil.test',
  );
  expect((await blocked([`http://good.test:${port}/away`])).output).toContain('blocks the domain evil.test');
  expect(asked.filter(({ host }) => host.startsWith('evil'))).toEqual([]);
  const both = { type: 'fetch', options: { allowed_domains: ['a'], blocked_domains: ['b'] } };
  expect(() => buildToolsets({ toolsets: [both], sub_agents: [] })).toThrow('keep one of them');
});

test('headers of the team go to the asked origin alone', async () => {
  let port = 0;
  port = await site((request, response) => {
    if (request.url === '/away') return redirect(`http://b.test:${port}/`)(request, response);
    return pages({ '/': html })(request, response);
  });
  const get = await fetcher({ headers: { 'x-key': 'k1' } });
  await get([`http://a.test:${port}/away`]);
  const seen = asked.map(({ host, path, headers }) => [host.split(':')[0], path, headers['x-key']]);
  expect(seen).toEqual([
    ['a.test', '/robots.txt', undefined],
    ['a.test', '/away', 'k1'],
    ['b.test', '/robots.txt', undefined],
    ['b.test', '/', undefined],
  ]);
  const unset = await fetcher({ headers: { 'x-key': '${env.NOT_SET}' } });
  expect((await unset([`http://a.test:${port}/`])).output).toContain('sets the header x-key from NOT_SET');
});

test('private addresses, other schemes and no URLs are refused with words', async () => {
  const port = await site(html);
  const get = await fetcher({ allow_private_ips: false });
  const results = [
    [`http://rebind.test:${port}/`, 'an address that is not of the open internet'],
    [`http://127.0.0.1:${port}/`, 'an address that is not of the open internet'],
    [`http://[::1]:${port}/`, 'an address that is not of the open internet'],
    ['file:///etc/passwd', 'is not an http or https URL'],
    ['nonsense', 'is not a URL'],
    [`http://user:pw@a.test:${port}/`, 'user name or a password'],
  ];
  for (const [url = '', words] of results) {
    expect(await get([url])).toMatchObject({ is_error: true, output: expect.stringContaining(words ?? '') });
  }
  expect(asked).toEqual([]);
});

test('an endless body, a gzip bomb and a long page are read up to 1 MB; a redirect loop and a slow page end', async () => {
  const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, 'x'));
  const port = await site(
    pages({
      '/endless': (_request, response) => {
        response.setHeader('content-type', 'text/plain');
        const more = (): void => {
          while (response.write('y'.repeat(65_536)) && !response.destroyed);
          response.once('drain', more);
        };
        more();
      },
      '/bomb': (_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' });
        response.end(bomb);
      },
      '/loop': redirect('/loop'),
      '/slow': () => {},
    }),
  );
  const get = await fetcher();
  const at = (path: string): string => `http://a.test:${port}${path}`;
  for (const path of ['/endless', '/bomb']) {
    const { output, is_error } = await get([at(path)]);
    expect(is_error).toBeUndefined();
    expect(output.length).toBeLessThan(200_200);
    expect(output).toMatch(
      /characters are left out\]\n\[the page is longer than 1 MB; this is its beginning\]$/,
    );
  }
  expect((await get([at('/loop')])).output).toContain('redirects more than 5 times');
  expect((await get([at('/slow')], { timeout: 1 })).output).toContain('did not answer in 1 s');
});

test('images are parts, other data and errors of the site are said', async () => {
  const send =
    (type: string, body: string | Buffer, status = 200): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    };
  const port = await site(
    pages({
      '/i.png': send('image/png', PNG),
      '/f.pdf': send('application/pdf', '%PDF-1.7'),
      '/b': send('text/html', Buffer.from([60, 0, 1, 2])),
      '/j': send('application/json', '{"a":1}'),
      '/latin': send('text/plain; charset=iso-8859-1', Buffer.from([0xe4])),
      '/deep': send('text/html', `${'<div>'.repeat(100_000)}end`),
      '/empty': send('text/html', ''),
    }),
  );
  const get = await fetcher();
  const at = (path: string): string => `http://a.test:${port}${path}`;
  expect(await get([at('/i.png')])).toEqual({
    output: `${at('/i.png')}:\nAn image (image/png, 16 bytes).`,
    parts: [{ type: 'file', blob_id: 'blob_1', media_type: 'image/png', size: 16, name: 'i.png' }],
  });
  expect((await get([at('/f.pdf')])).output).toContain(
    'is application/pdf, which is neither text nor an image',
  );
  expect((await get([at('/b')])).output).toContain('is text/html, which is neither text nor');
  expect((await get([at('/j')])).output).toBe(`${at('/j')}:\n{"a":1}`);
  expect((await get([at('/latin')])).output).toBe(`${at('/latin')}:\nä`);
  expect((await get([at('/empty')])).output).toBe(`${at('/empty')}:\nThe page is empty.`);
  expect((await get([at('/deep')])).output).toBe(
    `${at('/deep')}:\nend\n[the page is too large or too deep to be made Markdown; this is its text]`,
  );
  expect(await get([at('/none')])).toEqual({
    output: `${at('/none')} answered with status 404:\nnot here`,
    is_error: true,
  });
});
