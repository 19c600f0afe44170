import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { YonderError } from '../../protocol/errors.ts';
import type { Address } from './address.ts';

export interface Listener {
  /** `http://host:port` or `unix:///path`: what a client is given. */
  url: string;
  /** Takes no more connections and ends those that are open; any number of times. */
  close(): Promise<void>;
}

/** A handler on a real socket. Rejects with `unavailable` where the address cannot be listened on. */
export async function listen(
  handler: (request: Request) => Promise<Response>,
  address: Address,
): Promise<Listener> {
  const answer = getRequestListener(handler, { hostname: 'localhost', overrideGlobalObjects: false });
  const server = createServer((request, response) => void answer(request, response));
  await bind(server, address);
  let closing: Promise<void> | undefined;
  return {
    url: urlOf(server, address),
    close: () => (closing ??= close(server)),
  };
}

async function bind(server: Server, address: Address): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  if (address.kind === 'unix') server.listen({ path: address.path }, resolve);
  else server.listen({ host: address.host, port: address.port }, resolve);
  try {
    await promise;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const where = address.kind === 'unix' ? address.path : `${address.host}:${address.port}`;
    throw new YonderError('unavailable', `cannot listen on ${where} (${code})`, { cause });
  }
  server.off('error', reject);
}

function urlOf(server: Server, address: Address): string {
  if (address.kind === 'unix') return `unix://${address.path}`;
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `http://${host}:${port}`;
}

async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}
