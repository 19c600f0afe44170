import { resolve } from 'node:path';
import { readRemotes, remotesFileIn } from '../../config/remotes.ts';
import { YonderError } from '../../protocol/errors.ts';
import { readWhole } from '../../process/read-whole.ts';
import { codeOf } from '../flags/env-file.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import type { Places } from '../places.ts';
import type { Io } from '../terminal/io.ts';
import { readRemoteAddress, type RemoteAddress } from './address.ts';
import { stderrTelling, type Telling } from './telling.ts';
import type { RemoteFlags } from './remote-flags.ts';

/** The server that a command is about. */
export interface RemoteServer {
  /** As it was typed: a URL or a name, for what a person is told to type next. */
  typed: string;
  address: RemoteAddress;
  token: string | undefined;
  /** Says what the connection is doing. */
  telling: Telling;
}

const TOKEN_BYTES = 16 * 1024;

/**
 * What `--remote` names, with its token; undefined without the flag. Looks at this machine alone. Throws `invalid_request` for a name that is not
 * kept, an address or a token that is none, and for flags that say where this machine keeps sessions.
 */
export async function remoteServer(
  flags: RemoteFlags & PlaceFlags,
  places: Pick<Places, 'config'>,
  io: Io,
): Promise<RemoteServer | undefined> {
  const typed = flags.remote;
  if (typed === undefined) {
    if (flags.token === undefined && flags.tokenFile === undefined) return undefined;
    const flag = flags.token === undefined ? '--token-file' : '--token';
    throw new YonderError('invalid_request', `${flag} is for a server: say which with --remote`);
  }
  refuseLocalPlaces(flags);
  const written = readRemoteAddress(typed);
  const kept = written === undefined ? await keptRemote(typed, places) : undefined;
  const address = written ?? readRemoteAddress(kept?.url ?? '');
  if (address === undefined) throw new YonderError('invalid_request', `--remote ${typed} is no address`);
  const token = (await givenToken(flags, io)) ?? kept?.token ?? fromEnvironment(io);
  return { typed, address, token, telling: stderrTelling(io) };
}

/** Where this machine keeps sessions says nothing about a server. */
function refuseLocalPlaces(flags: PlaceFlags): void {
  const named = (
    [
      ['--session-db', flags.sessionDb],
      ['--data-dir', flags.dataDir],
      ['--cache-dir', flags.cacheDir],
    ] as const
  ).find(([, value]) => value !== undefined);
  if (named === undefined) return;
  throw new YonderError(
    'invalid_request',
    `${named[0]} and --remote cannot stand together: the server keeps its sessions where it was told to; leave ${named[0]} out`,
  );
}

async function keptRemote(
  name: string,
  places: Pick<Places, 'config'>,
): Promise<{ url: string; token?: string | undefined }> {
  const remotes = await readRemotes(remotesFileIn(places.config));
  const kept = Object.hasOwn(remotes, name) ? remotes[name] : undefined;
  if (kept !== undefined) return kept;
  const names = Object.keys(remotes);
  throw new YonderError(
    'invalid_request',
    `--remote ${name}: there is no server of that name (${names.length === 0 ? 'none is kept' : `there is ${names.join(', ')}`}); write its address, or keep it with: yonder remote add ${name} URL`,
  );
}

/** The token of the flags; undefined where none is given. `invalid_request` for both flags, and for what cannot be one. */
export async function givenToken(flags: RemoteFlags, io: Io): Promise<string | undefined> {
  const { token, tokenFile } = flags;
  if (token !== undefined && tokenFile !== undefined)
    throw new YonderError(
      'invalid_request',
      '--token and --token-file cannot stand together; keep one of them',
    );
  if (token !== undefined) return checkToken('--token', token);
  if (tokenFile === undefined) return undefined;
  const path = resolve(io.cwd, tokenFile);
  let bytes: Uint8Array;
  try {
    bytes = await readWhole(path, { limit: TOKEN_BYTES });
  } catch (cause) {
    throw new YonderError('invalid_request', `--token-file ${path} cannot be read (${codeOf(cause)})`, {
      cause,
    });
  }
  return checkToken(`--token-file ${path}`, new TextDecoder().decode(bytes).trim());
}

function fromEnvironment(io: Io): string | undefined {
  const token = io.env['YONDER_TOKEN'];
  return token === undefined || token === '' ? undefined : checkToken('YONDER_TOKEN', token);
}

/** It travels in a header. The message does not repeat what may be a secret. */
function checkToken(from: string, token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new YonderError(
    'invalid_request',
    `${from} holds no token: a token is one word of printable characters${token === '' ? ', and this is empty' : ''}`,
  );
}

/** A folder there, as a person reads it: `host:/path`; a folder here stands as it is. */
export function folderAt(folder: string, server: RemoteServer | undefined): string {
  return server === undefined ? folder : `${server.address.host}:${folder}`;
}

/** The folder under which a rule that a person agrees to is kept: that of the session, and of the person where the session is elsewhere. */
export function rulesFolder(
  { server, workingDir }: { server: RemoteServer | undefined; workingDir: string },
  { session }: { session: { working_dir: string } },
): string {
  return server === undefined ? session.working_dir : workingDir;
}

/** What a person types to go on with a session, wherever it is. */
export function resumeCommand(session_id: string, server: RemoteServer | string | undefined): string {
  const typed = typeof server === 'object' ? server.typed : server;
  return typed === undefined
    ? `yonder run --session ${session_id}`
    : `yonder run --remote ${quoted(typed)} --session ${session_id}`;
}

/** As a shell takes it. */
export function quoted(word: string): string {
  return /^[\w./@:+%[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
