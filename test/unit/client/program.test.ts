import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { build } from 'esbuild';
import { expect, onTestFinished, test, vi } from 'vitest';
import { authenticator } from '../../../src/server/auth/authenticate.ts';
import { readAddress } from '../../../src/server/listen/address.ts';
import { startServer } from '../../../src/server/server.ts';
import { openWorld, type World } from '../../../src/testing/contract/world.ts';
import { teamOf } from '../../../src/testing/contract/support.ts';

vi.setConfig({ testTimeout: 60_000 });

const ROOT = path.resolve(import.meta.dirname, '../../..');
const TOKEN = 'the-token';
const CHROMIUM = '/usr/bin/chromium';

/** The program of docs/client.md as one module, as a page would load it. */
async function program(): Promise<string> {
  const page = readFileSync(path.join(ROOT, 'docs/client.md'), 'utf8');
  const [, text = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  expect(text.trim().split('\n').length).toBeLessThanOrEqual(20);
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: ROOT },
    alias: { 'yonder-agents/client': path.join(ROOT, 'src/client/index.ts') },
    bundle: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

/** A server whose model asks to write a file, and whose pages of `origin` may ask. */
async function serving(origin?: string): Promise<{ world: World; url: string }> {
  const world = await openWorld({
    arm: 'local',
    turns: [
      { tool_calls: [{ name: 'write_file', arguments: { path: 'made.txt', content: 'yes' } }] },
      { text: 'Made it.' },
    ],
  });
  onTestFinished(() => world.close());
  const server = await startServer(world.inner, {
    address: readAddress('127.0.0.1:0'),
    authenticate: authenticator({ token: TOKEN }),
    ...(origin === undefined ? {} : { allowed_origins: [origin] }),
  });
  onTestFinished(() => server.close());
  return { world, url: server.url };
}

/** What a page of somebody's would hold. */
const PAGE = `<!doctype html><title>page</title>
<script type="module">import { work } from '/program.js'; globalThis.work = work;</script>`;

type Work = (input: object) => Promise<string>;

const source = {
  kind: 'inline',
  entry: 'team.yaml',
  files: { 'team.yaml': teamOf(['filesystem']) },
};

test('the program of docs/client.md starts a run and answers its question', async () => {
  const { world, url } = await serving();
  const { work } = (await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(await program())}`
  )) as { work: Work };
  const asked: string[] = [];
  let said = '';
  const reason = await work({
    url,
    token: TOKEN,
    source,
    message: 'go',
    print: (text: string) => (said += text),
    mayRun: (call: { name: string }) => asked.push(call.name) === 1,
  });
  expect({ reason, said, asked }).toEqual({ reason: 'normal', said: 'Made it.', asked: ['write_file'] });
  expect(readFileSync(path.join(world.folder, 'made.txt'), 'utf8')).toBe('yes');
});

test('the same in a browser, on a page of an origin that the server allows, and of none that it does not', async ({
  skip,
}) => {
  skip(!existsSync(CHROMIUM), 'there is no chromium here');
  const { chromium } = await import('playwright-core');
  const text = await program();
  const pages = createServer((request, response) => {
    const isProgram = request.url === '/program.js';
    response.setHeader('content-type', isProgram ? 'text/javascript' : 'text/html');
    response.end(isProgram ? text : PAGE);
  });
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void pages.close());
  const bound = pages.address();
  const origin = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  const { world, url } = await serving(origin);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  const page = await browser.newPage();

  const inPage = async (address: string, target: string): Promise<unknown> => {
    await page.goto(address);
    await page.waitForFunction('globalThis.work');
    return page.evaluate(
      async ({ target: to, token, team }) => {
        const { work } = globalThis as unknown as { work: Work };
        let said = '';
        try {
          const reason = await work({
            url: to,
            token,
            source: team,
            message: 'go',
            print: (piece: string) => (said += piece),
            mayRun: () => true,
          });
          return { reason, said };
        } catch (thrown) {
          return { failed: thrown instanceof Error ? thrown.message : String(thrown) };
        }
      },
      { target, token: TOKEN, team: source },
    );
  };

  expect(await inPage(origin, url)).toEqual({ reason: 'normal', said: 'Made it.' });
  expect(readFileSync(path.join(world.folder, 'made.txt'), 'utf8')).toBe('yes');
  // Another name of the same machine is another origin.
  expect(await inPage(origin.replace('127.0.0.1', 'localhost'), url)).toEqual({
    failed: `${url} cannot be reached`,
  });
});
