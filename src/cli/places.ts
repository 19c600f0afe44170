import { join, resolve } from 'node:path';
import { folders, type Folders } from '../process/folders.ts';
import type { PlaceFlags } from './flags/run-flags.ts';
import type { Io } from './terminal/io.ts';

export interface Places extends Folders {
  /** The session store's file. */
  readonly store: string;
  /** The user's configuration file. */
  readonly configFile: string;
}

/** Where this command keeps things: flags, then variables, then the XDG folders. */
export function placesOf(flags: PlaceFlags, io: Io): Places {
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(io.cwd, path);
  const found = folders({
    home: io.home,
    env: io.env,
    overrides: {
      config: absolute(flags.configDir),
      data: absolute(flags.dataDir),
      cache: absolute(flags.cacheDir),
    },
  });
  return {
    ...found,
    store: absolute(flags.sessionDb) ?? join(found.data, 'session.db'),
    configFile: join(found.config, 'config.yaml'),
  };
}
