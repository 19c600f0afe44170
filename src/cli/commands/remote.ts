import { forgetRemote, keepRemote, REMOTE_NAME, readRemotes, remotesFileIn } from '../../config/remotes.ts';
import { YonderError } from '../../protocol/errors.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import { readRemoteAddress } from '../remote/address.ts';
import { givenToken } from '../remote/remote-server.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';
import type { LookFlags } from './with-backend.ts';

/** `yonder remote list [--json]`: a token is never shown, only whether there is one. */
export async function listRemotes(flags: LookFlags, io: Io): Promise<number> {
  const output = new Output(io);
  const file = fileOf(flags, io);
  const remotes = Object.entries(await readRemotes(file));
  for (const [name, { url, token }] of remotes) {
    const has = token !== undefined;
    await output.text(
      flags.json === true
        ? `${JSON.stringify({ name, url, token: has })}\n`
        : `${name}  ${url}${has ? '  (with a token)' : ''}\n`,
    );
  }
  if (remotes.length === 0)
    output.note(`no servers yet; one is kept by: yonder remote add NAME URL (${file})`);
  return 0;
}

/** `yonder remote add <name> <url> [--token T | --token-file F]` */
export async function addRemote(
  name: string,
  url: string,
  flags: PlaceFlags & { token?: string; tokenFile?: string },
  io: Io,
): Promise<number> {
  if (!REMOTE_NAME.test(name))
    throw new YonderError(
      'invalid_request',
      `"${name}" is no name: write letters, digits, - _ and . (at most 64)`,
    );
  if (readRemoteAddress(url) === undefined)
    throw new YonderError(
      'invalid_request',
      `"${url}" is no address: write http(s)://host:port, unix:///path/to/socket or ssh://[user@]host`,
    );
  const token = await givenToken(flags, io);
  const file = fileOf(flags, io);
  const isNew = await keepRemote(file, name, { url, ...(token === undefined ? {} : { token }) });
  const output = new Output(io);
  output.note(
    `${name} is ${isNew ? '' : 'now '}${url}${token === undefined ? '' : ', its token is kept'} (${file})`,
  );
  output.note(`use it with: yonder run --remote ${name}`);
  return 0;
}

/** `yonder remote remove <name>` */
export async function removeRemote(name: string, flags: PlaceFlags, io: Io): Promise<number> {
  const file = fileOf(flags, io);
  if (!(await forgetRemote(file, name)))
    throw new YonderError(
      'not_found',
      `there is no server ${name}; yonder remote list shows those that are kept`,
    );
  new Output(io).note(`${name} is forgotten, its token too`);
  return 0;
}

function fileOf(flags: PlaceFlags, io: Io): string {
  return remotesFileIn(placesOf(withEnvironment(flags, io.env), io).config);
}
