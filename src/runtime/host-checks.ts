import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { detectShell, findProgram } from '../process/shell.ts';
import { PROVIDERS, type BuiltInProvider } from '../protocol/providers.ts';
import { PROVIDER_KEYS } from '../model/keys.ts';
import type { DoctorCheck, KeySource } from './host/options.ts';

export interface HostPlace {
  env: Readonly<Record<string, string | undefined>>;
  keys?: KeySource | undefined;
  /** Where programs with a relative path would be looked for. */
  cwd: string;
  /** The store's file. */
  store: string;
}

const run = promisify(execFile);

/** What is checked where the Host is: keys by name, proxy, programs, store, confinement. Never a key's value. */
export async function hostChecks(place: HostPlace): Promise<DoctorCheck[]> {
  return [
    ...(await keyChecks(place)),
    proxyCheck(place),
    ...gatewayCheck(place),
    shellCheck(place),
    await programCheck('git', 'git commands of agents do not work without it', place),
    await programCheck('rg', 'search is slower without ripgrep', place),
    { name: 'store', state: 'ok', detail: place.store },
    {
      name: 'confinement',
      state: 'warning',
      detail:
        'file tools stay inside the working folder and the folders of --add-dir and --read-dir; commands run in place with your own power and are not confined',
    },
  ];
}

async function keyChecks({ env, keys }: HostPlace): Promise<DoctorCheck[]> {
  const isSet = (name: string): boolean => (env[name] ?? '').trim() !== '';
  await keys?.glance(PROVIDER_KEYS.filter((name) => !isSet(name)));
  return Object.entries(PROVIDERS as Record<string, BuiltInProvider>).flatMap(([provider, facts]) => {
    const name = facts.token_key;
    if (name === undefined || facts.later !== undefined) return [];
    const origin = isSet(name) ? 'environment' : keys?.origin(name);
    const detail =
      origin === undefined
        ? keys?.unasked(name) === true
          ? `is not set; the credential helper is asked when a run needs it, or now by: yonder auth status ${provider}`
          : `is not set; ${provider} needs it: set it, or: yonder auth login ${provider}`
        : `${origin === 'environment' ? 'is set' : `comes from the ${origin.replace('_', ' ')}`}; models of ${provider} can be called`;
    return [
      { name: `key ${name}`, state: origin === undefined ? ('missing' as const) : ('ok' as const), detail },
    ];
  });
}

const PROXY = [
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'NO_PROXY',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
];

function proxyCheck({ env }: HostPlace): DoctorCheck {
  const set = PROXY.filter((name) => (env[name] ?? '') !== '');
  return { name: 'proxy', state: 'ok', detail: set.length === 0 ? 'none' : `from ${set.join(', ')}` };
}

/** Only where there is one. Its address may hold a password, which does not show. */
function gatewayCheck({ env }: HostPlace): DoctorCheck[] {
  const names = ['YONDER', 'DOCKER_AGENT', 'CAGENT'].map((prefix) => `${prefix}_MODELS_GATEWAY`);
  const name = names.find((candidate) => (env[candidate] ?? '') !== '');
  if (name === undefined) return [];
  const url = URL.parse(env[name] ?? '');
  const state = url === null ? 'failed' : 'ok';
  const detail =
    url === null
      ? `${name} is no address; write https://...`
      : `${url.origin}${url.pathname}, from ${name}; models need no key here`;
  return [{ name: 'models gateway', state, detail }];
}

function shellCheck({ env }: HostPlace): DoctorCheck {
  const { path } = detectShell(env);
  return { name: 'shell', state: findProgram(path, env, '/') === null ? 'failed' : 'ok', detail: path };
}

async function programCheck(name: string, without: string, { env, cwd }: HostPlace): Promise<DoctorCheck> {
  const path = findProgram(name, env, cwd);
  if (path === null) return { name, state: 'missing', detail: `not found; ${without}` };
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 5_000 });
    return { name, state: 'ok', detail: `${path} (${stdout.split('\n')[0] ?? ''})` };
  } catch {
    return { name, state: 'failed', detail: `${path} does not run; ${without}` };
  }
}
