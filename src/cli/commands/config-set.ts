import { setValue } from '../../config/set-value.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import { reservedNames } from '../reserved-names.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';

/** `yonder config set <key> <value>` */
export async function setConfig(key: string, value: string, flags: PlaceFlags, io: Io): Promise<number> {
  const { configFile } = placesOf(withEnvironment(flags, io.env), io);
  await setValue(configFile, key, value, { reserved: reservedNames(io) });
  await new Output(io).text(`${configFile}: ${key}\n`);
  return 0;
}
