import { stat } from 'node:fs/promises';
import { release, type } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { createHttp } from '../model/http/http.ts';
import { createModels } from '../model/models.ts';
import { YonderError } from '../protocol/errors.ts';
import { PROVIDERS, type BuiltInProvider } from '../protocol/providers.ts';
import type { Store } from '../protocol/store.ts';
import { unixLocal } from '../runner/providers/unix-local/provider.ts';
import { doctorChecks } from './doctor.ts';
import type { HostOptions, WorkspaceOptions } from './host/options.ts';

export interface RealHostInput {
  store: Store;
  /** Yonder's data folder: spools of commands lie in it. */
  data_dir: string;
  env: Readonly<Record<string, string | undefined>>;
  default_working_dir: string;
  version: string;
  /** Config, cache and state folders beside `data_dir`, absolute. */
  own_folders?: readonly string[];
  /** Default 100 ms (R7). */
  poll_ms?: number;
}

/** A Host's parts on this machine: real models, the in-place runner, the real clock. `close` is for what the Host does not close. */
export function realHostOptions(input: RealHostInput): { options: HostOptions; close(): Promise<void> } {
  const env = (name: string): string | undefined => input.env[name];
  const http = createHttp(env);
  const options: HostOptions = {
    store: input.store,
    models: ({ env: lookup, cassette }) =>
      createModels({ env: lookup, fetch: http.fetch, ...(cassette === undefined ? {} : { cassette }) }),
    openWorkspace: (workspace) => openWorkspace(input, workspace),
    env,
    default_working_dir: input.default_working_dir,
    checkFolder,
    doctor: () => doctorChecks(input),
    own_folders: [input.data_dir, ...(input.own_folders ?? [])],
    platform: `${type()} ${release()}`,
    version: input.version,
    pid: process.pid,
    now: () => new Date(),
    random: Math.random,
    poll_ms: input.poll_ms ?? 100,
  };
  return { options, close: () => http.close() };
}

/** R13: keys of providers and Yonder's own variables. `GITHUB_TOKEN` is many programs' own and is held back only where a team's model uses it. */
function isWithheld(name: string, teamKeys: readonly string[]): boolean {
  if (/^(?:YONDER|DOCKER_AGENT|CAGENT)_/.test(name) || teamKeys.includes(name)) return true;
  const providers: BuiltInProvider[] = Object.values(PROVIDERS);
  return name !== 'GITHUB_TOKEN' && providers.some((provider) => provider.token_key === name);
}

async function openWorkspace(
  input: RealHostInput,
  wanted: WorkspaceOptions,
): ReturnType<HostOptions['openWorkspace']> {
  const provider = unixLocal({
    spool_dir: join(input.data_dir, 'spool', wanted.root_id),
    env: input.env,
    withhold: (name) => isWithheld(name, wanted.token_keys),
    pass_env: wanted.pass_env,
  });
  const session = await provider.createSession({
    id: wanted.root_id,
    provider_id: provider.id,
    config: { root: wanted.working_dir },
    default_manifest: { entries: [], mounts: [] },
  });
  return session.openWorkspace({
    workspace: wanted.working_dir,
    add_dirs: wanted.add_dirs,
    read_roots: wanted.read_roots,
  });
}

async function checkFolder(path: string): Promise<void> {
  if (!isAbsolute(path))
    throw new YonderError('invalid_request', `the working directory ${path} must be an absolute path`);
  try {
    if ((await stat(path)).isDirectory()) return;
  } catch (thrown) {
    throw new YonderError(
      'not_found',
      `the working directory ${path} does not exist; name another with --working-dir`,
      { cause: thrown },
    );
  }
  throw new YonderError(
    'invalid_request',
    `the working directory ${path} is not a folder; name another with --working-dir`,
  );
}
