import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { login } from '../../../src/cli/commands/auth-login.ts';
import { logout } from '../../../src/cli/commands/auth-logout.ts';
import { authStatus } from '../../../src/cli/commands/auth-status.ts';
import { doctor } from '../../../src/cli/commands/doctor.ts';
import { models } from '../../../src/cli/commands/models.ts';
import { UnsupportedError } from '../../../src/protocol/errors.ts';
import { Secrets } from '../../../src/runtime/redact/secrets.ts';
import { fakeKeyring } from '../config/credentials/fake-keyring.ts';
import { memoryIo, type MemoryIo } from './streams.ts';

const KEY = 'sk-canary-0123456789';
const noKeyring = () => Promise.reject(new UnsupportedError('the keyring', 'here (no daemon)'));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-auth-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function io(options: { terminal?: boolean; env?: Record<string, string> } = {}): MemoryIo {
  return Object.assign(memoryIo({ cwd: folder, home: folder, ...options }), { secrets: new Secrets() });
}
const flags = () => ({ configDir: join(folder, 'config'), dataDir: join(folder, 'data') });
const keyFile = () => join(folder, 'config', 'credentials.json');

test('from stdin, into the file where no keyring is; shown nowhere; the registry knows it', async () => {
  const at = io();
  at.stdin.push(`${KEY}\n`);
  at.stdin.push(null);
  expect(await login('openai', flags(), at, noKeyring)).toBe(0);
  expect(at.out()).toBe(`OPENAI_API_KEY: kept in ${keyFile()}, which you alone can read\n`);
  expect(at.err()).toBe('not in the keyring: the keyring is not supported here (no daemon)\n');
  expect(JSON.parse(readFileSync(keyFile(), 'utf8'))).toEqual({ keys: { OPENAI_API_KEY: { value: KEY } } });
  expect(at.secrets?.text(`a ${KEY}`)).toBe('a [redacted:OPENAI_API_KEY]');
});

test('typed on a terminal it does not show, and goes to the keyring', async () => {
  const at = io({ terminal: true, env: { OPENAI_API_KEY: 'another' } });
  const ring = fakeKeyring({});
  const done = login('openai', flags(), at, ring.open);
  await at.shows('OPENAI_API_KEY (it does not show): ');
  at.type(`x\u007f${KEY}\r`);
  expect(await done).toBe(0);
  expect(ring.kept).toEqual({ OPENAI_API_KEY: KEY });
  expect(at.out() + at.err()).not.toContain(KEY.slice(0, 5));
  expect(at.out()).toBe('OPENAI_API_KEY: kept in the keyring\n');
  expect(at.err()).toContain('OPENAI_API_KEY is set in the environment, too, and that counts first');
});

test('Ctrl-C at the question keeps nothing', async () => {
  const at = io({ terminal: true });
  const done = login('openai', flags(), at, noKeyring);
  await at.shows('it does not show');
  at.type('sk-\u0003');
  await expect(done).rejects.toMatchObject({ exit: 130 });
});

test('status says where, by name; logout takes it back', async () => {
  const ring = fakeKeyring({});
  for (const [provider, places] of [
    ['openai', { ...flags(), file: true }],
    ['MY_KEY', { ...flags(), keyring: true }],
  ] as const) {
    const at = io();
    at.stdin.push(KEY);
    at.stdin.push(null);
    await login(provider, places, at, ring.open);
  }
  const at = io({ env: { MISTRAL_API_KEY: KEY } });
  expect(await authStatus(undefined, flags(), at, ring.open)).toBe(0);
  expect(at.out()).toContain('OPENAI_API_KEY  from the file  (openai)\n');
  expect(at.out()).toContain('MISTRAL_API_KEY  from the environment  (mistral)\n');
  expect(at.out()).toContain('ANTHROPIC_API_KEY  no key  (anthropic)\n');
  expect(at.out()).toContain('MY_KEY  from the keyring\n');
  expect(at.out()).not.toContain(KEY);
  for (const provider of ['openai', 'MY_KEY']) await logout(provider, flags(), at, ring.open);
  expect(ring.kept).toEqual({});
  const after = io();
  await authStatus('openai', { ...flags(), json: true }, after, ring.open);
  expect(JSON.parse(after.out())).toEqual({ variable: 'OPENAI_API_KEY', providers: ['openai'] });
});

test('the helper of the configuration is asked for what is named, and for nothing else', async () => {
  const helper = join(folder, 'helper');
  writeFileSync(helper, `#!/bin/sh\n[ "$2" = OPENAI_API_KEY ] && echo ${KEY}\n`, { mode: 0o755 });
  const first = io();
  first.stdin.push(KEY);
  first.stdin.push(null);
  await login('anthropic', { ...flags(), file: true }, first);
  writeFileSync(join(folder, 'config', 'config.yaml'), `credential_helper: [${helper}, get]\n`, {
    mode: 0o600,
  });
  const at = io();
  await authStatus('openai', flags(), at, noKeyring);
  expect(at.out()).toBe('OPENAI_API_KEY  from the credential helper  (openai)\n');

  // One that is asked would say so by a warning.
  writeFileSync(helper, '#!/bin/sh\nexit 1\n');
  const all = io({ env: { MISTRAL_API_KEY: KEY } });
  await authStatus(undefined, flags(), all, noKeyring);
  expect(all.err()).toBe('');
  expect(all.out()).toContain('OPENAI_API_KEY  not asked: the credential helper  (openai)\n');
  expect(all.out()).toContain(
    'ANTHROPIC_API_KEY  from the file, unless the credential helper, not asked, has another  (anthropic)\n',
  );
  expect(all.out()).toContain('MISTRAL_API_KEY  from the environment  (mistral)\n');
  expect(await models('gpt-4o-mini', flags(), all)).toBe(0);
  expect(await doctor(flags(), all)).toBe(0);
  expect(all.err()).toBe('');
  expect(all.out()).toMatch(
    /^openai\/gpt-4o-mini .*\(key: the credential helper is asked when it is needed\)$/m,
  );
  expect(all.out()).toMatch(/^missing +key OPENAI_API_KEY: .*or now by: yonder auth status openai$/m);
  expect(all.out()).toMatch(/^ok +key ANTHROPIC_API_KEY: comes from the file/m);
});

test('doctor says of a configuration what is wrong in it, and looks at the rest; a gateway that stands in it shows', async () => {
  mkdirSync(join(folder, 'config'), { recursive: true });
  const file = join(folder, 'config', 'config.yaml');
  writeFileSync(file, 'nope: 1\n', { mode: 0o600 });
  const broken = io();
  expect(await doctor(flags(), broken)).toBe(2);
  expect(broken.out()).toMatch(/^failed +configuration: .*config\.yaml:1:1: unknown key nope; there are/m);
  expect(broken.out()).toMatch(/^ok +store: /m);
  writeFileSync(file, 'models_gateway: https://me:canary-word@gateway.test/llm\n');
  const sound = io();
  expect(await doctor(flags(), sound)).toBe(0);
  expect(sound.out()).toMatch(
    /^ok +models gateway: https:\/\/gateway\.test\/llm, from models_gateway of your/m,
  );
  expect(sound.out()).not.toContain('canary-word');
});

test.each([
  [KEY, /^that is neither a provider \(openai, .*the key itself is asked for, never typed here$/],
  ['ollama', /^the provider ollama needs no key$/],
])('%s is no provider with a key', async (provider, message) => {
  await expect(login(provider, flags(), io(), noKeyring)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(message),
  });
});

test('what cannot be a key, and both places at once', async () => {
  const at = io();
  at.stdin.push('two words');
  at.stdin.push(null);
  await expect(login('openai', flags(), at, noKeyring)).rejects.toThrow(
    'this is no key: it has blanks or line ends in it',
  );
  await expect(login('openai', { ...flags(), file: true, keyring: true }, io(), noKeyring)).rejects.toThrow(
    '--file and --keyring cannot stand together',
  );
});
