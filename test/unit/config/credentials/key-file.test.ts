import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changeKeys, keyFileIn, readKeys } from '../../../../src/config/credentials/key-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-keys-'));
  file = keyFileIn(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('none, then one, mode 0600, and changes at once lose nothing', async () => {
  expect(await readKeys(file)).toEqual({});
  const names = Array.from({ length: 6 }, (_, index) => `KEY_${index}`);
  await Promise.all(names.map((name) => changeKeys(file, (keys) => ({ ...keys, [name]: { value: 'v' } }))));
  expect(Object.keys(await readKeys(file)).toSorted()).toEqual(names);
  expect(statSync(file).mode & 0o7777).toBe(0o600);
});

test.each([
  ['a link', () => symlinkSync('/etc/hostname', file), /is a link; keys are not read through one/],
  ['a pipe', () => execFileSync('mkfifo', ['-m', '600', file]), /is no file of keys; move it away/],
  ['a folder', () => mkdirSync(file), /is no file of keys/],
  ['readable by others', () => write(0o640), /mode 0640 is too loose: holds secrets.*chmod go-rwx/],
  ['writable by others', () => write(0o620), /mode 0620 is too loose: can be changed.*chmod go-w/],
  ["another's", () => (write(0o600), chownSync(file, 65_534, 65_534)), /belongs to another user \(65534\)/],
  ['in a folder of all', () => (write(0o600), chmodSync(folder, 0o777)), /could replace the configuration/],
])('%s is refused, to read and to change', async (_what, make, message) => {
  make();
  const before = statSync(file).ino;
  await expect(readKeys(file)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(message),
  });
  await expect(changeKeys(file, () => ({}))).rejects.toThrow(message);
  expect(statSync(file).ino).toBe(before);
});

test.each([
  '{',
  '[]',
  '{"keys": {"A": "canary-value"}}',
  '{"keys": {"A": {"value": "canary-value"}}, "x": 1}',
])('a broken one is said to be, and nothing of it: %s', async (text) => {
  writeFileSync(file, text, { mode: 0o600 });
  const thrown: unknown = await readKeys(file).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ message: `${file} is no file of keys; delete it, and log in again` });
  expect((thrown as Error).cause).toBeUndefined();
  expect(readFileSync(file, 'utf8')).toBe(text);
});

function write(mode: number): void {
  writeFileSync(file, '{"keys": {}}');
  chmodSync(file, mode);
}
