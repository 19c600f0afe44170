import type { Backend } from '../../protocol/backend.ts';
import { openBackend } from '../backend.ts';
import { readUserConfig } from '../../config/user-config.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import { reservedNames } from '../reserved-names.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';

export interface LookFlags extends PlaceFlags {
  json?: boolean;
}

/** Opens the Backend, with the user's credential helper where `keys` are looked at, for one command and closes it on every path. */
export async function withBackend<Result>(
  flags: PlaceFlags,
  io: Io,
  options: { readOnly: boolean; keys?: boolean },
  act: (backend: Backend, output: Output) => Promise<Result>,
): Promise<Result> {
  const places = placesOf(withEnvironment(flags, io.env), io);
  const helper =
    options.keys === true
      ? (await readUserConfig(places.configFile, { reserved: reservedNames(io) })).credential_helper
      : [];
  const backend = await openBackend({ places, io, readOnly: options.readOnly, helper });
  try {
    return await act(backend, new Output(io));
  } finally {
    await backend.close();
  }
}
