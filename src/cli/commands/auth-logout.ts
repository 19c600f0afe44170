import { forgetKey } from '../../config/credentials/store-key.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';
import { keyPlaces, type OpenKeyring, systemKeyring, variableFor } from './auth-places.ts';

/** `yonder auth logout <provider>` */
export async function logout(
  provider: string,
  flags: PlaceFlags,
  io: Io,
  openKeyring: OpenKeyring = systemKeyring,
): Promise<number> {
  const output = new Output(io);
  const variable = variableFor(provider);
  const where = await forgetKey(variable, keyPlaces(flags, io, openKeyring));
  await output.text(`${variable}: taken out of the ${where}\n`);
  if ((io.env[variable] ?? '') !== '') output.note(`${variable} is still set in the environment`);
  return 0;
}
