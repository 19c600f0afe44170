import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Transport } from '../../../src/protocol/backend.ts';
import { LOCAL_CONTEXT } from '../../../src/protocol/context.ts';
import { readAddress } from '../../../src/server/listen/address.ts';
import type { Listener } from '../../../src/server/listen/listen.ts';
import { startServer, type ServerOptions } from '../../../src/server/server.ts';
import { handMade } from './hand-made.ts';

/** A server on a real socket, gone after the test. */
export async function serving(
  options: Partial<ServerOptions> & { listen?: string; transport?: Transport } = {},
): Promise<Listener> {
  const listener = await startServer(
    options.transport ?? handMade({ call: () => ({ sessions: [] }) }).transport,
    {
      address: readAddress(options.listen ?? '127.0.0.1:0'),
      authenticate: async () => LOCAL_CONTEXT,
      ...options,
    },
  );
  onTestFinished(() => listener.close());
  return listener;
}

export function portOf({ address }: Listener): number {
  return address.kind === 'tcp' ? address.port : 0;
}

/** A folder of this user's own, mode 0700, gone after the test. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'yonder-sock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A bare connection, gone after the test. */
export async function connected(to: Listener | NetConnectOpts): Promise<Socket> {
  const socket = connect('address' in to ? { host: '127.0.0.1', port: portOf(to) } : to);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('connect', resolve);
  socket.once('error', reject);
  await promise;
  return socket;
}

/** All that a connection brings until the other side ends it. */
export async function untilEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => (text += chunk));
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once('close', () => resolve());
  await promise;
  return text;
}

/** Sends these bytes and gives all that comes back. */
export async function exchange(listener: Listener, text: string): Promise<string> {
  const socket = await connected(listener);
  const answer = untilEnd(socket);
  socket.write(text);
  return answer;
}

export async function errorOf(response: Response): Promise<{ code: string; message: string }> {
  return ((await response.json()) as { error: { code: string; message: string } }).error;
}
