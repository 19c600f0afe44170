import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Credentials } from '../../../../src/config/credentials/credentials.ts';
import { changeKeys, keyFileIn, readKeys } from '../../../../src/config/credentials/key-file.ts';
import { openKeyring, type Keyring } from '../../../../src/config/credentials/keyring.ts';
import { forgetKey, keyFrom, storeKey } from '../../../../src/config/credentials/store-key.ts';
import { fakeKeyring } from './fake-keyring.ts';

let folder: string;
let file: string;
let problems: string[];
let values: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-credentials-'));
  file = keyFileIn(folder);
  problems = [];
  values = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function credentials(helper: string[] = [], keyring: () => Promise<Keyring> = noKeyring, within?: number) {
  return new Credentials({
    file,
    helper,
    env: { PATH: process.env['PATH'], FOLDER: folder },
    openKeyring: keyring,
    onValue: (name, value) => values.push(`${name}=${value}`),
    onProblem: (message) => problems.push(message),
    ...(within === undefined ? {} : { within }),
  });
}

const noKeyring = (): Promise<Keyring> => Promise.reject(new Error('nobody may open it'));

function script(text: string): string {
  const path = join(folder, 'helper');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('helper before keyring before file; each is told before it can be used, and asked once', async () => {
  const ring = fakeKeyring({ BOTH: 'of-ring', RING: 'of-ring' });
  await changeKeys(file, () => ({
    FILE: { value: 'of-file' },
    RING: { keyring: true },
    BOTH: { keyring: true },
  }));
  const helper = script('echo "$1" >> "$FOLDER/asked"; [ "$1" = BOTH ] && echo of-helper');
  const keys = credentials([helper], ring.open);
  await keys.resolve(['FILE', 'RING', 'BOTH', 'NONE']);
  await keys.resolve(['FILE', 'BOTH']);
  expect(['FILE', 'RING', 'BOTH', 'NONE'].map((name) => [keys.value(name), keys.origin(name)])).toEqual([
    ['of-file', 'file'],
    ['of-ring', 'keyring'],
    ['of-helper', 'credential_helper'],
    [undefined, undefined],
  ]);
  expect(keys.secrets().toSorted()).toEqual(['of-file', 'of-helper', 'of-ring']);
  expect(values.toSorted()).toEqual(['BOTH=of-helper', 'FILE=of-file', 'RING=of-ring']);
  expect(readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n').toSorted()).toEqual(
    ['FILE', 'RING', 'BOTH', 'NONE'].toSorted(),
  );
  expect(ring.opened()).toBe(1);
  expect(problems).toEqual([
    `credential_helper: ${helper} ended with exit code 1 for NONE; what it printed is not shown`,
  ]);
});

test('a glance asks no helper, and says of which keys only that could know', async () => {
  await changeKeys(file, () => ({ FILE: { value: 'of-file' } }));
  const helper = script('echo "$1" >> "$FOLDER/asked"; echo of-helper');
  const keys = credentials([helper]);
  await keys.glance(['FILE', 'NONE']);
  expect(existsSync(join(folder, 'asked'))).toBe(false);
  expect(['FILE', 'NONE'].map((name) => [keys.origin(name), keys.unasked(name)])).toEqual([
    ['file', false],
    [undefined, true],
  ]);
  await keys.resolve(['FILE', 'NONE']);
  await keys.glance(['FILE', 'NONE']);
  expect(['FILE', 'NONE'].map((name) => [keys.value(name), keys.unasked(name)])).toEqual([
    ['of-helper', false],
    ['of-helper', false],
  ]);
  const without = credentials();
  await without.glance(['NONE']);
  expect(without.unasked('NONE')).toBe(false);
});

test.each([
  ['echo canary; echo canary >&2; exit 3', 'ended with exit code 3'],
  ['head -c 100000 /dev/zero | tr "\\0" x', 'printed more than a key'],
  ['kill -TERM $$', 'ended with SIGTERM'],
])('a helper that fails: %s', async (text, problem) => {
  const helper = script(text);
  const keys = credentials([helper]);
  await keys.resolve(['KEY']);
  expect(keys.value('KEY')).toBeUndefined();
  expect(problems).toEqual([`credential_helper: ${helper} ${problem} for KEY; what it printed is not shown`]);
});

test('a helper that never answers is ended with what it started', async () => {
  const helper = script('sleep 600 & echo $! > "$FOLDER/pid"; wait');
  const pidFile = join(folder, 'pid');
  // On a machine that has much to do it gets the time to begin, before it is ended for saying nothing.
  for (let patience = 300; !existsSync(pidFile); patience *= 4) {
    await credentials([helper], noKeyring, patience).resolve(['KEY']);
  }
  expect(problems[0]).toContain('gave no answer in 0.3 seconds for KEY');
  const pid = Number(readFileSync(pidFile, 'utf8'));
  await expect.poll(() => isAlive(pid)).toBe(false);
});

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

test('no shell reads the command, and a name that is none asks nobody', async () => {
  const keys = credentials(['echo', '$(touch', `${folder}/made)`, '; x']);
  await keys.resolve(['KEY', '--version', '../KEY', 'A B']);
  expect(keys.value('KEY')).toBe(`$(touch ${folder}/made) ; x KEY`);
  expect(keys.secrets()).toHaveLength(1);
  expect(existsSync(join(folder, 'made'))).toBe(false);
  const none = credentials(['/no/such/helper']);
  await none.resolve(['KEY']);
  expect(problems).toEqual([
    'credential_helper: /no/such/helper cannot be started (ENOENT) for KEY; what it printed is not shown',
  ]);
});

test('a keyring that is gone or has lost the key is said', async () => {
  await changeKeys(file, () => ({ KEY: { keyring: true } }));
  await credentials([], fakeKeyring({}).open).resolve(['KEY']);
  await credentials([], () => openKeyring(() => Promise.reject(new Error('no')))).resolve(['KEY']);
  expect(problems).toEqual([
    'the keyring has no key for KEY any more; log in again',
    expect.stringContaining(
      'the package @napi-rs/keyring cannot be loaded (npm install @napi-rs/keyring, or use --file)',
    ),
  ]);
});

test('a key goes to the keyring, and the file notes it without the value; taken back from both', async () => {
  const ring = fakeKeyring({});
  const places = { file, openKeyring: ring.open };
  expect(await storeKey('KEY', 'canary', places, 'either')).toEqual({ where: 'keyring' });
  expect(ring.kept).toEqual({ KEY: 'canary' });
  expect(readFileSync(file, 'utf8')).not.toContain('canary');
  expect(await forgetKey('KEY', places)).toBe('keyring');
  expect([ring.kept, await readKeys(file)]).toEqual([{}, {}]);
  await expect(forgetKey('KEY', places)).rejects.toMatchObject({ code: 'not_found' });
});

test('a keyring that fails, or forgets at once, leaves the file; demanded, it is the error', async () => {
  const failing = { file, openKeyring: noKeyring };
  expect(await storeKey('KEY', 'a-key', failing, 'either')).toEqual({
    where: 'file',
    why: 'nobody may open it',
  });
  expect(await readKeys(file)).toEqual({ KEY: { value: 'a-key' } });
  await expect(storeKey('KEY', 'b-key', failing, 'keyring')).rejects.toThrow('nobody may open it');
  const forgetful = { file, openKeyring: fakeKeyring({}, { forgets: true }).open };
  expect(await storeKey('OTHER', 'c-key', forgetful, 'either')).toEqual({
    where: 'file',
    why: 'the keyring did not give back what it took',
  });
  expect(await forgetKey('OTHER', forgetful)).toBe('file');
});

test('the real package: here no keyring answers, and the error names it', async () => {
  const { get } = await openKeyring();
  const thrown: unknown = await get('YONDER_TEST_KEY').then(
    () => undefined,
    (error: unknown) => error,
  );
  // Where a keyring runs, it has no such key.
  if (thrown !== undefined)
    expect(thrown).toMatchObject({ code: 'unsupported', message: /@napi-rs\/keyring: / });
});

test.each([
  ['  sk-1\n', 'sk-1'],
  ['', 'nothing was given'],
  ['a b', 'it has blanks or line ends in it'],
  ['x'.repeat(8193), 'it is longer than 8192 characters'],
])('keyFrom %j', (given, expected) => {
  if (expected === 'sk-1') expect(keyFrom(given)).toBe(expected);
  else expect(() => keyFrom(given)).toThrow(`this is no key: ${expected}`);
});
