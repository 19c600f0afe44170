import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { EgressParts } from '../../../../src/process/egress/request.ts';

export const HERE = [{ address: '127.0.0.1', family: 4 }];

/** A server of this test on 127.0.0.1; gone after it. */
export async function serve(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Every name is this machine. */
export const local: EgressParts = { resolve: () => Promise.resolve(HERE) };

export const LIMITS = { maxBytes: 1000, timeoutMs: 5000 };
