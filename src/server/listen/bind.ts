import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, type ListenOptions, type Server } from 'node:net';
import { dirname, basename, join } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import { withFileLock } from '../../process/file-lock.ts';
import type { Address } from './address.ts';
import { refusal, socketPath } from './socket-folder.ts';

/** Longest wait for a program that listens on a socket's path to say so, in milliseconds. */
const LOOK_MS = 1_000;

/** Binds a server to its address. Throws `unavailable` where somebody else is there, and `invalid_request` where it can never be. */
export async function bind(server: Server, address: Address): Promise<void> {
  if (address.kind === 'unix') return bindUnix(server, address.path);
  try {
    await listening(
      server,
      address.kind === 'fd' ? { fd: address.fd } : { host: address.host, port: address.port },
    );
  } catch (cause) {
    throw wordsFor(address, cause);
  }
}

/** What is left of a server that was killed is taken over; of two that want it at once, one gets it. */
async function bindUnix(server: Server, path: string): Promise<void> {
  const real = socketPath(path);
  checkIsSocket(path, real);
  await withFileLock(join(dirname(real), `.${basename(real)}.lock`), undefined, async () => {
    if (checkIsSocket(path, real)) {
      if (await isListenedOn(real))
        throw new YonderError('unavailable', `--listen unix://${path}: another server listens there`);
      rmSync(real);
    }
    try {
      await listening(server, { path: real });
      chmodSync(real, 0o600);
    } catch (cause) {
      server.close();
      throw refusal(path, `the socket cannot be made (${codeOf(cause)})`, cause);
    }
  });
}

/** Whether something is there; throws where that is no socket. */
function checkIsSocket(path: string, real: string): boolean {
  const found = lstatSync(real, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isSocket()) return true;
  throw refusal(path, 'something else than a socket is there; name another path');
}

/** A socket's file outlives its server: only who answers is there. */
async function isListenedOn(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  socket.setTimeout(LOOK_MS, () => resolve(true));
  socket.once('connect', () => resolve(true));
  socket.once('error', (cause) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(cause))));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

async function listening(server: Server, options: ListenOptions | { fd: number }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(options, resolve);
  await promise;
  server.off('error', reject);
}

function wordsFor(address: Exclude<Address, { kind: 'unix' }>, cause: unknown): YonderError {
  const code = codeOf(cause);
  const place = address.kind === 'fd' ? `fd://${address.fd}` : `${address.host}:${address.port}`;
  const words = (text: string): YonderError =>
    new YonderError('invalid_request', `--listen ${place}: ${text}`, { cause });
  if (address.kind === 'fd')
    return words(`this is no listening socket that was passed on to this program (${code})`);
  switch (code) {
    case 'EADDRINUSE':
      return new YonderError(
        'unavailable',
        `--listen ${place}: the port is in use; choose another, or 0 for one that is free`,
        { cause },
      );
    case 'EADDRNOTAVAIL':
      return words('this machine has no such address');
    case 'EACCES':
      return words('this user may not listen on that port; choose one from 1024 on');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return words(`the name ${address.host} has no address`);
    default:
      return words(`it cannot be listened on (${code})`);
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
