import { stat } from 'node:fs/promises';
import { release, type } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { createHttp, createModels, type Http } from '../model/index.ts';
import type { Backend } from '../protocol/backend.ts';
import { YonderError } from '../protocol/errors.ts';
import { PROVIDERS } from '../protocol/providers.ts';
import { runnerManifestSchema } from '../protocol/runner.ts';
import type { Workspace } from '../protocol/workspace.ts';
import { UNIX_LOCAL, unixLocal } from '../runner/index.ts';
import type { HostOptions, WorkspaceOptions } from '../runtime/host/options.ts';
import { createLocalBackend } from '../runtime/local-backend.ts';
import { openStore } from '../session/index.ts';
import type { Places } from './places.ts';
import type { Io } from './terminal/io.ts';
import { VERSION } from './version.ts';

export interface BackendOptions {
  places: Places;
  io: Io;
  /** Only looks: takes no lock, makes no file. */
  readOnly?: boolean;
}

/** A Host in this process, as a Backend: the only place of the cli that knows one. The caller closes it. */
export async function openBackend({ places, io, readOnly = false }: BackendOptions): Promise<Backend> {
  const store = await openStore({ path: places.store, readOnly });
  const http = createHttp((name) => io.env[name]);
  const { backend } = createLocalBackend(hostOptions(places, io, store, http));
  return {
    ...backend,
    async close() {
      try {
        await backend.close();
      } finally {
        await http.close();
      }
    },
  };
}

function hostOptions(places: Places, io: Io, store: HostOptions['store'], http: Http): HostOptions {
  return {
    store,
    models: ({ env, cassette }) =>
      createModels({ env, fetch: http.fetch, ...(cassette === undefined ? {} : { cassette }) }),
    openWorkspace: (options) => openWorkspace(options, places, io),
    env: (name) => io.env[name],
    default_working_dir: io.cwd,
    checkFolder,
    doctor: async () => {
      const { hostChecks } = await import('./doctor/checks.ts');
      return hostChecks(places, io);
    },
    platform: `${type()} ${release()}`,
    version: VERSION,
    pid: process.pid,
    now: io.now,
    random: Math.random,
    poll_ms: 100,
    own_folders: [places.config, places.data, places.cache, places.state, places.runtime],
  };
}

/** In place on this machine (`unix-local`), with the user's own environment less Yonder's keys, tokens and paths (R13). */
async function openWorkspace(options: WorkspaceOptions, places: Places, io: Io): Promise<Workspace> {
  const provider = unixLocal({
    spool_dir: join(places.state, 'spool'),
    env: io.env,
    withhold: isWithheld,
    pass_env: options.pass_env,
  });
  const session = await provider.createSession({
    id: options.root_id,
    provider_id: UNIX_LOCAL,
    config: { root: options.working_dir },
    default_manifest: runnerManifestSchema.parse({}),
  });
  return session.openWorkspace({
    workspace: options.working_dir,
    add_dirs: options.add_dirs,
    read_roots: options.read_roots.map((root) => absoluteRoot(root, options.working_dir, io.home)),
  });
}

function absoluteRoot(root: string, working_dir: string, home: string): string {
  if (root === '~' || root.startsWith('~/')) return join(home, root.slice(1));
  return isAbsolute(root) ? root : resolve(working_dir, root);
}

const KEYS: ReadonlySet<string> = new Set(
  Object.values(PROVIDERS).flatMap((provider) => ('token_key' in provider ? [provider.token_key] : [])),
);

/** Keys of the providers, and every variable of Yonder's own. */
export function isWithheld(name: string): boolean {
  return KEYS.has(name) || /^(?:YONDER|DOCKER_AGENT|CAGENT)_/.test(name);
}

async function checkFolder(path: string): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOENT') {
      throw new YonderError(
        'not_found',
        `the working directory ${path} does not exist; name one with --working-dir`,
        { cause },
      );
    }
    throw new YonderError('invalid_request', `the working directory ${path} cannot be used (${code})`, {
      cause,
    });
  }
  if (!isFolder) throw new YonderError('invalid_request', `the working directory ${path} is not a folder`);
}
