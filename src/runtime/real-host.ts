import { stat } from 'node:fs/promises';
import { release, type } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { createHttp } from '../model/http/http.ts';
import { commandEnvironment } from '../runner/providers/unix-local/environment.ts';
import { proxyFor } from '../model/http/proxy.ts';
import { createModels } from '../model/models.ts';
import type { EgressParts } from '../process/egress/request.ts';
import { YonderError } from '../protocol/errors.ts';
import { PROVIDERS, type BuiltInProvider } from '../protocol/providers.ts';
import type { SecretKeeper } from '../protocol/secrets.ts';
import type { SignInStore } from '../protocol/sign-ins.ts';
import type { Store } from '../protocol/store.ts';
import { hostEgress, hostStreaming } from './host/egress.ts';
import type { Snapshots } from './snapshots/snapshots.ts';
import type { HostOptions, KeySource, WorkspaceOptions } from './host/options.ts';

export interface RealHostInput {
  store: Store;
  /** Where keys are told before they are used, so that none leaves (R30). */
  secrets?: SecretKeeper;
  /** Where sign-ins at MCP servers are kept. */
  signIns?: SignInStore;
  /** Where the output of commands is kept until it is recorded; absolute, outside of every workspace. */
  spool_dir: string;
  /** Where snapshots of workspaces are kept; absolute, made when it is first needed. */
  snapshot_dir: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Keys that are in no variable. */
  keys?: KeySource | undefined;
  /** Where copies of teams by URL are kept; absolute. */
  cache_dir: string;
  /** For `~` in read roots. */
  home: string;
  default_working_dir: string;
  version: string;
  /** Yonder's own folders, absolute: they govern what agents may do (R13). */
  own_folders: readonly string[];
  now?: () => Date;
  /** Default 100 ms (R7). */
  poll_ms?: number;
}

/** A Host's parts on this machine: real models, the in-place runner, the real clock. `close` is for what the Host does not close. */
export function realHostOptions(input: RealHostInput): { options: HostOptions; close(): Promise<void> } {
  const env = (name: string): string | undefined => input.env[name];
  const http = createHttp(env);
  const ways: EgressParts = {
    proxyFor: (url) => proxyFor(env, url),
    secureContext: async () => (await import('../model/http/certificates.ts')).trustedContext(),
  };
  let snapshots: Promise<Snapshots> | undefined;
  const options: HostOptions = {
    store: input.store,
    ...(input.secrets === undefined ? {} : { secrets: input.secrets }),
    ...(input.signIns === undefined ? {} : { signIns: input.signIns }),
    ...(input.keys === undefined ? {} : { keys: input.keys }),
    models: ({ env: lookup, findKeys, cassette, secrets, gateway }) =>
      createModels({
        env: lookup,
        findKeys,
        fetch: http.fetch,
        ...(cassette === undefined ? {} : { cassette }),
        ...(secrets === undefined ? {} : { secrets }),
        ...(gateway === undefined ? {} : { gateway }),
      }),
    openWorkspace: (workspace) => openWorkspace(input, workspace),
    async forgetCommands(root_id) {
      const { forgetSpools } = await import('../runner/providers/unix-local/forget-spools.ts');
      await forgetSpools(join(input.spool_dir, root_id));
    },
    snapshots: () => (snapshots ??= openSnapshots(input)),
    withheld: ({ pass_env, token_keys }) =>
      Object.keys(input.env)
        .filter((name) => input.env[name] !== undefined && isWithheld(name, token_keys))
        .filter((name) => !pass_env.includes(name))
        .toSorted(),
    variables: ({ pass_env, token_keys }) =>
      commandEnvironment({ base: input.env, withhold: (name) => isWithheld(name, token_keys), pass_env })
        .variables,
    env,
    default_working_dir: input.default_working_dir,
    checkFolder,
    async doctor() {
      const { hostChecks } = await import('./host-checks.ts');
      return hostChecks({
        env: input.env,
        keys: input.keys,
        cwd: input.default_working_dir,
        store: input.store.path,
      });
    },
    egress: hostEgress(ways),
    streaming: hostStreaming(ways),
    cache_dir: input.cache_dir,
    own_folders: input.own_folders,
    platform: `${type()} ${release()}`,
    version: input.version,
    pid: process.pid,
    now: input.now ?? (() => new Date()),
    random: Math.random,
    poll_ms: input.poll_ms ?? 100,
  };
  return { options, close: () => http.close() };
}

/**
 * R13: keys of providers and of the team's own models, and Yonder's variables. `GITHUB_TOKEN` is many programs' own and is held
 * back only where a team's model uses it.
 */
export function isWithheld(name: string, teamKeys: readonly string[]): boolean {
  if (/^(?:YONDER|DOCKER_AGENT|CAGENT)_/.test(name) || teamKeys.includes(name)) return true;
  const providers: BuiltInProvider[] = Object.values(PROVIDERS);
  return name !== 'GITHUB_TOKEN' && providers.some((provider) => provider.token_key === name);
}

async function openSnapshots(input: RealHostInput): Promise<Snapshots> {
  const { Snapshots } = await import('./snapshots/snapshots.ts');
  const { snapshot_dir: root, env, own_folders, now = () => new Date() } = input;
  return new Snapshots({ root, env, own_folders: [...own_folders, root], now });
}

async function openWorkspace(
  input: RealHostInput,
  wanted: WorkspaceOptions,
): ReturnType<HostOptions['openWorkspace']> {
  const { unixLocal } = await import('../runner/providers/unix-local/provider.ts');
  const provider = unixLocal({
    spool_dir: join(input.spool_dir, wanted.root_id),
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
    read_roots: wanted.read_roots.map((root) => absoluteRoot(root, wanted.working_dir, input.home)),
  });
}

function absoluteRoot(root: string, working_dir: string, home: string): string {
  if (root === '~' || root.startsWith('~/')) return join(home, root.slice(1));
  return isAbsolute(root) ? root : resolve(working_dir, root);
}

async function checkFolder(
  path: string,
  flag: Parameters<HostOptions['checkFolder']>[1] = '--working-dir',
): Promise<void> {
  const named = flag === '--working-dir' ? `the working directory ${path}` : `the folder ${path} of ${flag}`;
  if (!isAbsolute(path)) {
    throw new YonderError('invalid_request', `${named} must be an absolute path`);
  }
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOENT') {
      const message = `${named} does not exist; name one with ${flag}`;
      throw new YonderError('not_found', message, { cause });
    }
    throw new YonderError('invalid_request', `${named} cannot be used (${code})`, {
      cause,
    });
  }
  if (!isFolder) throw new YonderError('invalid_request', `${named} is not a folder`);
}
