import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockFaults, longFiles, roomFaults } from '../../scripts/house-rules.ts';
import { ROOMS } from '../../scripts/rooms.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

function scratch(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'yonder-house-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('no file of src/ is over 400 lines', () => {
  expect(longFiles(root)).toEqual([]);
});

test('a file of 401 lines is refused, one of 400 is not', () => {
  const folder = scratch();
  mkdirSync(path.join(folder, 'src/team'), { recursive: true });
  writeFileSync(path.join(folder, 'src/team/short.ts'), '\n'.repeat(400));
  writeFileSync(path.join(folder, 'src/team/long.ts'), '\n'.repeat(401));
  expect(longFiles(folder)).toEqual(['src/team/long.ts has 401 lines']);
});

test('every room has a README.md, and src/ holds rooms alone', () => {
  expect(roomFaults(root)).toEqual([]);
});

test('a room without README.md and a folder that is no room are refused', () => {
  const folder = scratch();
  for (const room of Object.keys(ROOMS)) {
    mkdirSync(path.join(folder, 'src', room), { recursive: true });
    if (room !== 'team') writeFileSync(path.join(folder, 'src', room, 'README.md'), '');
  }
  mkdirSync(path.join(folder, 'src/utils'));
  expect(roomFaults(folder)).toEqual(['src/utils is no room', 'src/team/README.md is missing']);
});

test.each(['package-lock.json', 'test/parts/package-lock.json'])('%s names no address', (lock) => {
  expect(lockFaults(readFileSync(path.join(root, lock), 'utf8'))).toEqual([]);
});

test('a lock file with addresses is refused', () => {
  const lock = '{\n  "resolved": "somewhere",\n  "version": "https://example.org/a.tgz"\n}\n';
  expect(lockFaults(lock)).toEqual(['line 2', 'line 3']);
});
