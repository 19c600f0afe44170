import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolders } from '../../../src/process/make-folders.ts';

function scratch(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'folders-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

test('makes what is missing with the mode, and leaves what is there as it is', () => {
  const folder = join(scratch(), 'there');
  mkdirSync(folder);
  const before = mode(folder);
  makeFolders(join(folder, 'a', 'b'));
  makeFolders(join(folder, 'a', 'b'));
  expect([mode(folder), mode(join(folder, 'a')), mode(join(folder, 'a', 'b'))]).toEqual([
    before,
    '700',
    '700',
  ]);
});

test('goes through a link to a folder', () => {
  const folder = scratch();
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  makeFolders(join(folder, 'link', 'below'));
  expect(readdirSync(join(folder, 'real'))).toEqual(['below']);
});

test('a file in the way, at the end or above it, is an error', () => {
  const file = join(scratch(), 'file');
  writeFileSync(file, '');
  expect(() => makeFolders(file)).toThrow('EEXIST');
  expect(() => makeFolders(join(file, 'below'))).toThrow('ENOTDIR');
});

test('a link that points nowhere is an error', () => {
  const folder = scratch();
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
  expect(() => makeFolders(join(folder, 'link'))).toThrow('EEXIST');
});

test.runIf(process.platform === 'linux')('a file system that takes no folder is an error, at once', () => {
  expect(() => makeFolders('/proc/nothing/below')).toThrow(
    "ENOENT: no such file or directory, mkdir '/proc/nothing'",
  );
});
