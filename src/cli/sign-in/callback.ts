import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { YonderError } from '../../protocol/errors.ts';

/** Where this machine's browser comes back to. */
export interface Callback {
  redirect_url: string;
  /** What it brings: for the sign-in of this state alone, others are shown a page that says so. */
  brought(state: string): Promise<URLSearchParams>;
  close(): Promise<void>;
}

const PATH = '/callback';

/** Listens on this machine alone, on `port` or any. Throws `conflict` where another program has the port. */
export async function listenForBrowser(port = 0): Promise<Callback> {
  let expected: string | undefined;
  const { promise, resolve } = Promise.withResolvers<URLSearchParams>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const isOurs =
      url.pathname === PATH && expected !== undefined && url.searchParams.get('state') === expected;
    const words = !isOurs
      ? 'This is not the sign-in that Yonder waits for. Nothing was taken.'
      : url.searchParams.has('error')
        ? 'The sign-in was refused. You can close this page.'
        : 'Signed in. You can close this page and go back to Yonder.';
    response.writeHead(isOurs ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'",
      connection: 'close',
    });
    response.end(`<!doctype html><title>Yonder</title><p>${words}</p>\n`);
    if (isOurs) resolve(url.searchParams);
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(port, '127.0.0.1', listening.resolve);
  try {
    await listening.promise;
  } catch (cause) {
    throw new YonderError(
      'conflict',
      `the port ${port}, to which the team has browsers sent back, cannot be listened on here: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  return {
    redirect_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    brought(state) {
      expected = state;
      return promise;
    },
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      setImmediate(() => server.closeAllConnections());
      await closed;
    },
  };
}
