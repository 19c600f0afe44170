import type { Backend } from '../../protocol/backend.ts';
import { readUserConfig } from '../../config/user-config.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { type Places, placesOf } from '../places.ts';
import type { RemoteFlags } from '../remote/remote-flags.ts';
import { type RemoteServer, remoteServer } from '../remote/remote-server.ts';
import { reservedNames } from '../reserved-names.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';

export interface LookFlags extends PlaceFlags, RemoteFlags {
  json?: boolean;
}

interface LookOptions {
  readOnly: boolean;
  keys?: boolean;
}

/**
 * Opens the Backend, here or at the server that the flags name, for one command and closes it on every path. Here with the user's credential
 * helper where `keys` are looked at.
 */
export async function withBackend<Result>(
  flags: PlaceFlags & RemoteFlags,
  io: Io,
  options: LookOptions,
  act: (backend: Backend, output: Output, server: RemoteServer | undefined) => Promise<Result>,
): Promise<Result> {
  const places = placesOf(withEnvironment(flags, io.env), io);
  const server = await remoteServer(flags, places, io);
  const backend = await open(server, places, io, options);
  try {
    return await act(backend, new Output(io), server);
  } finally {
    await backend.close();
  }
}

async function open(
  server: RemoteServer | undefined,
  places: Places,
  io: Io,
  options: LookOptions,
): Promise<Backend> {
  if (server !== undefined) {
    const { openRemote } = await import('../remote/open-remote.ts');
    return openRemote(server, io);
  }
  const { openBackend } = await import('../backend.ts');
  const helper =
    options.keys === true
      ? (await readUserConfig(places.configFile, { reserved: reservedNames(io) })).credential_helper
      : [];
  return openBackend({ places, io, readOnly: options.readOnly, helper });
}
