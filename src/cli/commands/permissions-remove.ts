import { resolve } from 'node:path';
import { removeFolderRule } from '../../config/folder-rules.ts';
import { forgetTrust, trustFileIn } from '../../config/trust.ts';
import { YonderError } from '../../protocol/errors.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import type { Io } from '../terminal/io.ts';
import { isUrl } from '../team-argument.ts';
import { Output } from '../terminal/output.ts';

/** `yonder permissions remove <pattern> [--folder F]`; the path or URL of a trusted team takes the yes to it back. */
export async function removePermission(
  pattern: string,
  flags: PlaceFlags & { folder?: string },
  io: Io,
): Promise<number> {
  const folder = resolve(io.cwd, flags.folder ?? '.');
  const { configFile, data } = placesOf(withEnvironment(flags, io.env), io);
  const team = isUrl(pattern) ? pattern : resolve(io.cwd, pattern);
  if (await forgetTrust(trustFileIn(data), team)) {
    await new Output(io).text(`${team} is not trusted any more\n`);
    return 0;
  }
  if (!(await removeFolderRule(configFile, folder, pattern))) {
    throw new YonderError(
      'not_found',
      `${folder} has no rule "${pattern}"; list them with: yonder permissions list`,
    );
  }
  await new Output(io).text(`removed ${pattern} from ${folder}\n`);
  return 0;
}
