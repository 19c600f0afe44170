import { spawnSync } from 'node:child_process';
import { PROVIDERS } from '../../protocol/providers.ts';
import { detectShell, findProgram } from '../../process/shell.ts';
import type { Places } from '../places.ts';
import type { Io } from '../terminal/io.ts';

export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'missing' | 'failed';
  detail: string;
}

/** What is checked where the person sits: node, configuration, folders. */
export async function clientChecks(places: Places, io: Io): Promise<Check[]> {
  return [
    { name: 'node', state: 'ok', detail: process.versions.node },
    { name: 'configuration', state: 'ok', detail: places.configFile },
    {
      name: 'terminal',
      state: 'ok',
      detail:
        io.stdin.isTTY === true
          ? 'questions are asked here'
          : 'no terminal: questions are refused unless --ask wait',
    },
  ];
}

/** What is checked where the Host is: keys by name, proxy, programs, store, confinement. Never a key's value. */
export async function hostChecks(places: Places, io: Io): Promise<Check[]> {
  return [
    ...keys(io),
    proxy(io),
    shell(io),
    program('git', 'the git tools of the shell do not work without it', io),
    program('rg', 'search is slower without ripgrep', io),
    { name: 'store', state: 'ok', detail: places.store },
    confinement(),
  ];
}

function keys({ env }: Io): Check[] {
  return Object.entries(PROVIDERS).flatMap(([provider, facts]) => {
    if (!('token_key' in facts) || 'later' in facts) return [];
    const there = (env[facts.token_key] ?? '').trim() !== '';
    return [
      {
        name: `key ${facts.token_key}`,
        state: there ? ('ok' as const) : ('missing' as const),
        detail: there ? `is set; models of ${provider} can be called` : `is not set; ${provider} needs it`,
      },
    ];
  });
}

function proxy({ env }: Io): Check {
  const set = [
    'HTTPS_PROXY',
    'https_proxy',
    'HTTP_PROXY',
    'http_proxy',
    'NO_PROXY',
    'no_proxy',
    'NODE_EXTRA_CA_CERTS',
  ].filter((name) => (env[name] ?? '') !== '');
  return { name: 'proxy', state: 'ok', detail: set.length === 0 ? 'none' : `from ${set.join(', ')}` };
}

function shell({ env }: Io): Check {
  const { path } = detectShell(env);
  return { name: 'shell', state: findProgram(path, env, '/') === null ? 'failed' : 'ok', detail: path };
}

function program(name: string, without: string, { env, cwd }: Io): Check {
  const path = findProgram(name, env, cwd);
  if (path === null) return { name, state: 'missing', detail: `not found; ${without}` };
  const { stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 5000 });
  const version = error === undefined ? (stdout.split('\n')[0] ?? '') : 'does not run';
  return { name, state: error === undefined ? 'ok' : 'failed', detail: `${path} (${version})` };
}

/** R13: an in-place command has the user's own power, and the doctor says so. */
function confinement(): Check {
  return {
    name: 'confinement',
    state: 'warning',
    detail:
      'file tools stay inside the working folder and the folders of --add-dir and --read-dir; commands run in place with your own power and are not confined',
  };
}
