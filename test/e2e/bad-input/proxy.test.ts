import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { type ModelServer, startModelServer } from '../../../src/testing/model-server/server.ts';
import { type Finished, type Scratch, serverTeam, STACK, test } from '../cli.ts';

interface Proxy {
  url: string;
  /** What it was asked for, in order. */
  asked: string[];
  close(): Promise<void>;
}

/** A real proxy that leads every name to this port here, or refuses; CONNECT, for https, has its test beside the model room. */
async function startProxy(port: number | undefined): Promise<Proxy> {
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    asked.push(incoming.url ?? '');
    if (port === undefined) {
      response.writeHead(407, { 'content-type': 'text/plain' }).end('The proxy wants a password.');
      return;
    }
    const path = new URL(incoming.url ?? '').pathname;
    const { method, headers } = incoming;
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function behind(
  place: Scratch,
  refuses: boolean,
  env: (proxy: Proxy) => Record<string, string>,
  base_url: (model: ModelServer) => string,
): Promise<Finished & { asked: string[]; calls: number }> {
  const model = await startModelServer([{ text: 'Through.' }]);
  const proxy = await startProxy(refuses ? undefined : Number(new URL(model.url).port));
  try {
    await place.write('team.yaml', serverTeam(base_url(model)));
    const ended = await place.run(['run', 'team.yaml', '--exec', 'hi'], {
      env: { SCRIPTED_KEY: 'key-of-a-test', ...env(proxy) },
    });
    expect(ended.stderr).not.toMatch(STACK);
    return { ...ended, asked: proxy.asked, calls: model.journal.length };
  } finally {
    await model.close();
    await proxy.close();
  }
}

const NOWHERE = (): string => 'http://models.invalid:8080/v1';

test.concurrent('HTTP_PROXY: the model is reached under a name that only the proxy knows', async ({
  place,
}) => {
  const ended = await behind(place, false, ({ url }) => ({ HTTP_PROXY: url }), NOWHERE);
  expect(ended).toMatchObject({
    code: 0,
    stdout: 'Through.\n',
    asked: ['http://models.invalid:8080/v1/chat/completions'],
    calls: 1,
  });
});

test.concurrent('NO_PROXY leaves the proxy out', async ({ place }) => {
  const ended = await behind(
    place,
    false,
    ({ url }) => ({ HTTP_PROXY: url, NO_PROXY: '127.0.0.1' }),
    ({ url }) => url,
  );
  expect(ended).toMatchObject({ code: 0, stdout: 'Through.\n', asked: [], calls: 1 });
});

test.concurrent('a proxy that refuses, and one that is not there: exit 1, and the message names the proxy', async ({
  place,
}) => {
  const refused = await behind(place, true, ({ url }) => ({ HTTP_PROXY: url }), NOWHERE);
  expect(refused).toMatchObject({ code: 1, stdout: '', calls: 0 });
  expect(refused.stderr).toContain('cannot be reached: the proxy answered 407 and wants a user');
  const gone = await behind(place, true, () => ({ HTTP_PROXY: 'http://127.0.0.1:9' }), NOWHERE);
  expect(gone).toMatchObject({ code: 1, stdout: '', calls: 0 });
  expect(gone.stderr).toMatch(/proxy/i);
});

test.concurrent('a proxy that is no address: exit 2, with the name of the variable and not its value', async ({
  place,
}) => {
  const ended = await behind(place, false, () => ({ HTTP_PROXY: 'me:hunter2@not a url' }), NOWHERE);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain('the variable HTTP_PROXY is not the address of a proxy');
  expect(ended.stderr).not.toContain('hunter2');
  expect(ended.stderr).not.toContain('internal');
});
