import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { long } from '../../long.ts';
import { partProgram } from '../../parts/parts.ts';

/**
 * The client side of the official conformance suite, scenario by scenario, with how many of its checks succeed. It counts a run that does too little as a
 * success where a check is only about what must not happen; beside each of those stands our own test that says it outright.
 */
const SCENARIOS: Readonly<Record<string, number>> = {
  // Says nothing of lists and calls: test/contract/mcp.test.ts.
  initialize: 1,
  tools_call: 1,
  'elicitation-sep1034-client-defaults': 5,
  'sse-retry': 3,
  'auth/metadata-default': 13,
  'auth/metadata-var1': 13,
  'auth/metadata-var2': 13,
  'auth/metadata-var3': 13,
  'auth/basic-cimd': 13,
  'auth/scope-from-www-authenticate': 14,
  'auth/scope-from-scopes-supported': 14,
  'auth/scope-omitted-when-undefined': 14,
  'auth/scope-step-up': 22,
  // Who gives up at once passes: contract:sign-ins, "is not asked for ever".
  'auth/scope-retry-limit': 18,
  'auth/token-endpoint-auth-basic': 18,
  'auth/token-endpoint-auth-post': 18,
  'auth/token-endpoint-auth-none': 18,
  'auth/pre-registration': 13,
  'auth/2025-03-26-oauth-metadata-backcompat': 13,
  'auth/2025-03-26-oauth-endpoint-fallback': 7,
  // Who does nothing at all passes: unit/tools/mcp/oauth.test.ts, "one that says it is another".
  'auth/resource-mismatch': 3,
  'auth/offline-access-scope': 15,
  'auth/offline-access-not-supported': 14,
};

/** Extensions without a person: a token for a machine, not for who sits there. A team sends such a key in `headers`. */
const NOT_OURS = [
  'auth/client-credentials-jwt',
  'auth/client-credentials-basic',
  'auth/cross-app-access-complete-flow',
];

/** The short form: no sign-in, a sign-in with a step-up, and a stream that is taken up again. */
const SHORT = ['tools_call', 'auth/scope-step-up'];
/** The server does not let them in, or the scenario ends before a tool is called. */
const WITHOUT_RESULT = new Set(['initialize', 'auth/scope-retry-limit', 'auth/resource-mismatch']);

const SUITE = partProgram('conformance');
const CLIENT = join(import.meta.dirname, 'client.ts');

async function suite(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [SUITE, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  await new Promise((done) => child.once('close', done));
  return said;
}

/** The file of that name below a folder, wherever the suite put it. */
async function found(folder: string, name: string): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  const [path] = names.filter((one) => one.endsWith(name));
  return readFile(join(folder, path ?? name), 'utf8');
}

const wanted = long ? Object.keys(SCENARIOS) : SHORT;

test.each(wanted)('%s', { timeout: 60_000 }, async (scenario) => {
  const folder = await mkdtemp(join(tmpdir(), 'yonder-conformance-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const command = `'${process.execPath}' '${CLIENT}'`;
  await suite(['client', '--command', command, '--scenario', scenario, '-o', folder]);
  const checks = JSON.parse(await found(folder, 'checks.json')) as { id: string; status: string }[];
  const bad = checks.filter(({ status }) => ['FAILURE', 'WARNING'].includes(status));
  expect(bad).toEqual([]);
  expect(checks.filter(({ status }) => status === 'SUCCESS').length).toBe(SCENARIOS[scenario]);
  if (WITHOUT_RESULT.has(scenario)) return;
  const result = JSON.parse(await found(folder, 'stdout.txt')) as { content: unknown[]; isError?: boolean };
  expect(result.isError ?? false).toBe(false);
  expect(result.content.length).toBeGreaterThan(0);
});

test('every scenario of the suite is run, or named with a reason', async () => {
  const said = await suite(['list']);
  const [, clients = ''] = said.split('Client scenarios');
  const names = [...clients.matchAll(/^ {2}- (\S+)/gm)].map(([, name = '']) => name);
  expect(names.toSorted()).toEqual([...Object.keys(SCENARIOS), ...NOT_OURS].toSorted());
  expect(dirname(SUITE)).toContain('conformance');
});
