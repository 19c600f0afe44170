import { type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import { codeOf } from '../flags/env-file.ts';

export interface SocketFetch {
  fetch: typeof fetch;
  close(): Promise<void>;
}

/** What a client gives for the origin of a server on a socket. */
export const SOCKET_ORIGIN = 'http://localhost';

/** A `fetch` whose every request goes to this unix socket; the host of its URLs says nothing. */
export async function socketFetch(path: string): Promise<SocketFetch> {
  const undici = await import('./undici.ts');
  // Streams are judged by their heartbeats, and an answer may take as long as it takes.
  const dispatcher = new undici.Agent({ connect: { socketPath: path }, headersTimeout: 0, bodyTimeout: 0 });
  // undici's own fetch and the global one differ in their types alone.
  const send = undici.fetch as unknown as (input: unknown, init: object) => Promise<Response>;
  return {
    fetch: (input, init) => send(input instanceof Request ? input.url : input, { ...init, dispatcher }),
    close: () => dispatcher.destroy(),
  };
}

/**
 * Refuses a socket that somebody else may have put there: whoever answers on it gets all that is sent, and its word counts. It and its folder belong to
 * this user (or to root), and nobody else may get into the folder. `unavailable` where there is none.
 */
export async function checkSocket(path: string): Promise<void> {
  const socket = await statOf(path, `there is no server at unix://${path}`);
  if (!socket.isSocket())
    throw new YonderError(
      'invalid_request',
      `${path} is not a socket; --remote unix:// names one that a server listens on`,
    );
  const folder = dirname(path);
  const above = await statOf(folder, `there is no folder ${folder}`);
  for (const [what, { uid }] of [
    [path, socket],
    [folder, above],
  ] as const) {
    const own = process.getuid?.();
    if (own !== undefined && uid !== own && uid !== 0)
      throw new YonderError(
        'forbidden',
        `${what} belongs to another user (${uid}): not connected, since its owner would read what is sent and could answer anything`,
      );
  }
  if ((above.mode & 0o077) !== 0)
    throw new YonderError(
      'forbidden',
      `${folder} is open to others (${modeOf(above)}), who could put a socket of theirs there: not connected; run: chmod 700 '${folder}'`,
    );
  if ((socket.mode & 0o077) !== 0)
    throw new YonderError(
      'forbidden',
      `${path} is open to others (${modeOf(socket)}): not connected; run: chmod 600 '${path}'`,
    );
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

async function statOf(path: string, missing: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    throw new YonderError(
      'unavailable',
      `${missing} (${codeOf(cause)}); start one with: yonder serve api --listen unix://${path}`,
      { cause },
    );
  }
}
