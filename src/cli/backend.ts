import { join } from 'node:path';
import { fileSignIns, signInFileIn } from '../config/credentials/sign-in-file.ts';
import type { Backend, Transport } from '../protocol/backend.ts';
import type { Host } from '../runtime/host/host.ts';
import type { HostOptions } from '../runtime/host/options.ts';
import type { Serving } from '../runtime/host/serving.ts';
import { createLocalBackend } from '../runtime/local-backend.ts';
import { wireWords } from '../runtime/redact/wire-words.ts';
import { realHostOptions } from '../runtime/real-host.ts';
import { openStore } from '../session/index.ts';
import type { FetchTeamOptions } from '../team/index.ts';
import { SKILL_FOLDERS, type UserSkills } from '../runtime/skills/places.ts';
import { keysFor } from './keys-for.ts';
import type { Places } from './places.ts';
import type { Io } from './terminal/io.ts';
import { VERSION } from './version.ts';

export interface BackendOptions {
  places: Places;
  io: Io;
  /** Only looks: takes no lock, makes no file. */
  readOnly?: boolean;
  /** The user's credential helper; absent: none is asked. */
  helper?: readonly string[];
  /** What a server offers; absent in a command that runs for itself. */
  serving?: Serving;
}

/** A Host in this process with what a server needs of it. */
export interface OpenedHost {
  backend: Backend;
  transport: Transport;
  /** How the Host reads teams by URL. */
  fetching: FetchTeamOptions;
  checkFolder: HostOptions['checkFolder'];
  host: Host;
  close(): Promise<void>;
}

/** The skills of the person at this machine, in the order in which names are taken. */
function userSkills(places: Places, io: Io): UserSkills[] {
  return [
    { root: places.config, folders: ['skills'], shown: places.config },
    { root: io.home, folders: SKILL_FOLDERS, shown: '~' },
  ];
}

/** A Host in this process, as a Backend. The caller closes it. */
export async function openBackend(options: BackendOptions): Promise<Backend> {
  const { backend, close } = await openHost(options);
  return { ...backend, close };
}

/** A Host in this process, and its transport for a server's handler: the only place of the cli that knows one. The caller closes it. */
export async function openHost({
  places,
  io,
  readOnly = false,
  helper = [],
  serving,
}: BackendOptions): Promise<OpenedHost> {
  const secrets = io.secrets?.reserve(wireWords);
  const store = await openStore({ path: places.store, readOnly });
  const real = realHostOptions({
    store,
    ...(secrets === undefined ? {} : { secrets }),
    signIns: fileSignIns(signInFileIn(places.data)),
    spool_dir: join(places.state, 'spool'),
    cache_dir: places.cache,
    snapshot_dir: join(places.data, 'snapshots'),
    env: io.env,
    keys: keysFor(places, io, helper),
    home: io.home,
    default_working_dir: io.cwd,
    version: VERSION,
    own_folders: [places.config, places.data, places.cache, places.state, places.runtime],
    now: io.now,
  });
  const { backend, transport, host } = createLocalBackend({
    ...real.options,
    // R17: a server takes no skills of the person who started it.
    ...(serving === undefined ? { user_skills: userSkills(places, io) } : { serving }),
  });
  const { egress, now, checkFolder } = real.options;
  return {
    backend,
    transport,
    fetching: { egress, cacheFolder: places.cache, now },
    checkFolder,
    host,
    async close() {
      try {
        await backend.close();
      } finally {
        await real.close();
      }
    },
  };
}
