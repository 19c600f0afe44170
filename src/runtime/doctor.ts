import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PROVIDERS, type BuiltInProvider } from '../protocol/providers.ts';
import type { DoctorCheck } from './host/options.ts';
import type { RealHostInput } from './real-host.ts';

const run = promisify(execFile);

/** What a person should know of this place; names of keys, never their values. */
export async function doctorChecks(input: RealHostInput): Promise<DoctorCheck[]> {
  return [
    { name: 'node', state: 'ok', detail: `${process.version} on ${process.platform}-${process.arch}` },
    ...keyChecks(input),
    proxyCheck(input),
    { name: 'shell', state: 'ok', detail: input.env['SHELL'] ?? '/bin/sh' },
    await programCheck('git', ['--version'], 'needed for git commands of agents'),
    await programCheck('rg', ['--version'], 'searches use a slower walker of our own without it'),
    { name: 'store', state: 'ok', detail: input.store.path },
    {
      name: 'confinement',
      state: 'warning',
      detail:
        'file tools stay inside the workspace; commands run in place with your own power: permissions are a convenience, only a runner confines',
    },
  ];
}

function keyChecks(input: RealHostInput): DoctorCheck[] {
  return Object.entries(PROVIDERS as Record<string, BuiltInProvider>)
    .filter(([, provider]) => provider.token_key !== undefined && provider.later === undefined)
    .map(([id, { token_key = '' }]) => {
      const present = (input.env[token_key] ?? '') !== '';
      return {
        name: `key ${id}`,
        state: present ? 'ok' : 'missing',
        detail: `${token_key} is ${present ? 'set' : 'not set'}`,
      };
    });
}

function proxyCheck(input: RealHostInput): DoctorCheck {
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
  const set = names.filter((name) => (input.env[name] ?? '') !== '');
  return { name: 'proxy', state: 'ok', detail: set.length === 0 ? 'none' : `from ${set.join(', ')}` };
}

async function programCheck(program: string, args: string[], why: string): Promise<DoctorCheck> {
  try {
    const { stdout } = await run(program, args, { timeout: 5_000 });
    return { name: program, state: 'ok', detail: stdout.split('\n')[0] ?? '' };
  } catch {
    return { name: program, state: 'missing', detail: `${program} was not found: ${why}` };
  }
}
