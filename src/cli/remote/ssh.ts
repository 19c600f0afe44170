import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionLostError } from '../../client/lost.ts';
import type { Io } from '../terminal/io.ts';
import { oneLine } from '../terminal/style.ts';
import { type SshAddress, type SshProcess, startSsh } from './ssh-process.ts';
import { SOCKET_ORIGIN, type SocketFetch, socketFetch } from './unix-fetch.ts';

/** Milliseconds in which a way has to be open. */
const READY = 30_000;

/** Ends when its stdin does, that is with the process that holds it. */
const WAIT = 'cat > /dev/null';

const NO_SOCKET = 3;

/** Prints the path of the socket on which a server there listens by default. */
const FIND = `for p in "\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/yonder/api.sock" "\${XDG_STATE_HOME:-$HOME/.local/state}/yonder/run/api.sock"; do if [ -S "$p" ]; then printf %s "$p"; exit 0; fi; done; exit ${NO_SOCKET}`;

/**
 * Reaches a unix socket on another machine through the system's ssh, with all that its configuration says about the host. One process holds the way
 * open; one that ended is started again by the next request. Throws `unavailable` with ssh's own words where it cannot log in, and where no server
 * listens there.
 */
export async function sshWay(
  address: SshAddress,
  shown: string,
  io: Io,
): Promise<SocketFetch & { baseUrl: string }> {
  const path = address.path ?? (await findSocket(address, shown, io));
  const folder = await mkdtemp(join(tmpdir(), 'yonder-ssh-'));
  let opening: Promise<Tunnel> | undefined;
  const tunnel = async (): Promise<Tunnel> => {
    const last = await opening?.catch(() => undefined);
    if (last !== undefined && last.ssh.code === undefined) return last;
    await last?.sockets.close();
    return (opening = openTunnel(address, shown, path, folder, io));
  };
  const close = async (): Promise<void> => {
    const last = await opening?.catch(() => undefined);
    await last?.sockets.close();
    await last?.ssh.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await tunnel();
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return {
    baseUrl: SOCKET_ORIGIN,
    async fetch(input, init) {
      const { ssh, sockets } = await tunnel();
      const before = ssh.words.length;
      try {
        return await sockets.fetch(input, init);
      } catch (cause) {
        if (init?.signal?.aborted === true) throw cause;
        throw lostThere(ssh.words.slice(before), shown, path, cause);
      }
    },
    close,
  };
}

interface Tunnel {
  ssh: SshProcess;
  sockets: SocketFetch;
}

let count = 0;

async function openTunnel(
  address: SshAddress,
  shown: string,
  path: string,
  folder: string,
  io: Io,
): Promise<Tunnel> {
  const local = join(folder, String((count += 1)));
  const ssh = startSsh(address, ['-L', `${local}:${path}`], WAIT, io);
  try {
    const deadline = performance.now() + READY;
    while (!(await isThere(local))) {
      if (ssh.code !== undefined || performance.now() > deadline) throw failed(ssh, shown);
      await Promise.race([delay(20), ssh.ended]);
    }
    return { ssh, sockets: await socketFetch(local) };
  } catch (thrown) {
    await ssh.close();
    throw thrown;
  }
}

async function findSocket(address: SshAddress, shown: string, io: Io): Promise<string> {
  const ssh = startSsh(address, [], FIND, io);
  const timer = setTimeout(() => void ssh.close(), READY);
  await ssh.ended;
  clearTimeout(timer);
  if (ssh.code === 0 && ssh.stdout.startsWith('/')) return ssh.stdout;
  if (ssh.code !== NO_SOCKET) throw failed(ssh, shown);
  throw new ConnectionLostError(
    `${shown}: no Yonder server listens there on a socket: neither at $XDG_RUNTIME_DIR/yonder/api.sock nor at ~/.local/state/yonder/run/api.sock; start one there with: yonder serve api --listen unix://PATH, and name another path as ${shown}/path/to/socket`,
    { isDefinite: true },
  );
}

function failed(ssh: SshProcess, shown: string): ConnectionLostError {
  const words = oneLine(ssh.words, 600);
  const hint = /permission denied|password|passphrase/i.test(words)
    ? '; nobody can be asked for a password here: set up a key, or an agent (ssh-add)'
    : '';
  return new ConnectionLostError(
    `${shown} cannot be reached: ssh says: ${words === '' ? `nothing for ${READY / 1000} s` : words}${hint}`,
    { isDefinite: true },
  );
}

function lostThere(words: string, shown: string, path: string, cause: unknown): ConnectionLostError {
  const said = oneLine(words, 300);
  const isRefused = /open failed/.test(said);
  return new ConnectionLostError(
    isRefused
      ? `${shown}: no Yonder server listens at ${path} there (ssh says: ${said}); start one there with: yonder serve api --listen unix://${path}`
      : `the connection to ${shown} broke off${said === '' ? '' : ` (ssh says: ${said})`}`,
    { cause, isDefinite: isRefused },
  );
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
