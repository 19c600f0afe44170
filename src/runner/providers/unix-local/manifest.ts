import { UnsupportedError } from '../../../protocol/errors.ts';
import type { RunnerManifest } from '../../../protocol/runner.ts';

export const PLACE = 'on unix-local, which works in place on this machine';

/** In place nothing is copied or mounted: a manifest that asks for it is refused, never passed over. */
export function refuseManifest({ entries, mounts }: RunnerManifest): void {
  const [entry] = entries;
  if (entry) throw new UnsupportedError(`the manifest entry ${entry.source}`, PLACE);
  const [mount] = mounts;
  if (mount) throw new UnsupportedError(`the mount ${mount.name}`, PLACE);
}
