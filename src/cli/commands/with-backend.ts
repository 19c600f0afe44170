import type { Backend } from '../../protocol/backend.ts';
import { openBackend } from '../backend.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';

export interface LookFlags extends PlaceFlags {
  json?: boolean;
}

/** Opens the Backend for one command and closes it on every path. */
export async function withBackend<Result>(
  flags: PlaceFlags,
  io: Io,
  options: { readOnly: boolean },
  act: (backend: Backend, output: Output) => Promise<Result>,
): Promise<Result> {
  const backend = await openBackend({ places: placesOf(withEnvironment(flags, io.env), io), io, ...options });
  try {
    return await act(backend, new Output(io));
  } finally {
    await backend.close();
  }
}
