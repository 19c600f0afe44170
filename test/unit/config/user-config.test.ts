import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addFolderRule, removeFolderRule } from '../../../src/config/folder-rules.ts';
import { readUserConfig, rulesForFolder } from '../../../src/config/user-config.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-config-'));
  file = join(folder, 'config.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a missing or empty file is an empty configuration', async () => {
  expect(rulesForFolder(await readUserConfig(file), '/w')).toEqual({ allow: [], ask: [], deny: [] });
  writeFileSync(file, '# nothing yet\n');
  expect((await readUserConfig(file)).aliases).toEqual({});
});

test('a broken file says where', async () => {
  writeFileSync(file, 'a: [\n');
  await expect(readUserConfig(file)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(/config\.yaml:2:1: Flow sequence/),
  });
  writeFileSync(file, 'settings:\n  permissions:\n    allow: ls\n');
  await expect(readUserConfig(file)).rejects.toThrow(
    `${file}:3:12: settings.permissions.allow must be a list of texts`,
  );
});

test('a folder that cannot be made is named, with what to do', async () => {
  writeFileSync(file, '');
  await expect(addFolderRule(join(file, 'config.yaml'), '/w', 'allow', 'ls')).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringMatching(/its folder could not be made \(EEXIST.*--config-dir/),
  });
});

test('an allow holds for its folder, asks and denies for all below it', async () => {
  writeFileSync(
    file,
    'settings: {permissions: {allow: [every]}}\nfolders:\n  /w: {permissions: {allow: [a], ask: [b], deny: [c]}}\n  /w/sub: {permissions: {deny: [d]}}\n',
  );
  const config = await readUserConfig(file);
  expect(rulesForFolder(config, '/w')).toEqual({ allow: ['every', 'a'], ask: ['b'], deny: ['c'] });
  expect(rulesForFolder(config, '/w/sub')).toEqual({ allow: ['every'], ask: ['b'], deny: ['d', 'c'] });
  expect(rulesForFolder(config, '/wider')).toEqual({ allow: ['every'], ask: [], deny: [] });
});

test('a rule is added once; comments and order stay; it can be taken back', async () => {
  const before = '# mine\nzebra: 1 # kept\nsettings:\n  theme: dark\n';
  writeFileSync(file, before);
  chmodSync(file, 0o644);
  expect(await addFolderRule(file, '/w', 'allow', 'shell:cmd=npm test')).toBe(true);
  expect(await addFolderRule(file, '/w', 'allow', 'shell:cmd=npm test')).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe(
    `${before}folders:\n  /w:\n    permissions:\n      allow:\n        - shell:cmd=npm test\n`,
  );
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await removeFolderRule(file, '/w', 'shell:cmd=npm test')).toBe(true);
  expect(await removeFolderRule(file, '/w', 'shell:cmd=npm test')).toBe(false);
  expect(readFileSync(file, 'utf8')).toContain(before);
});

test('changes at the same time lose nothing', async () => {
  const rules = Array.from({ length: 8 }, (_, index) => `shell:cmd=tool${index}`);
  await Promise.all(rules.map((rule) => addFolderRule(file, '/w', 'allow', rule)));
  expect(rulesForFolder(await readUserConfig(file), '/w').allow.toSorted()).toEqual(rules);
});

test('a broken file is not overwritten', async () => {
  writeFileSync(file, 'a: [\n');
  await expect(addFolderRule(file, '/w', 'allow', 'x')).rejects.toThrow('was not changed');
  expect(readFileSync(file, 'utf8')).toBe('a: [\n');
});
