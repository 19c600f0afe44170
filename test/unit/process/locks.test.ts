import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { acquireLock, isHeld } from '../../../src/process/host-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'yonder-lock-'));
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) if (child.kill('SIGKILL')) await once(child, 'exit');
});
afterAll(() => rmSync(folder, { recursive: true }));

const MODULE = new URL('../../../src/process/host-lock.ts', import.meta.url).href;

/** A process of its own that takes the lock, says so and then only lives. */
async function holder(path: string): Promise<{ child: ChildProcess; said: string }> {
  const code = `const { acquireLock } = await import(${JSON.stringify(MODULE)});
    console.log(acquireLock(${JSON.stringify(path)}) ? 'held' : 'refused'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

test('a lock is held by a living process, a stopped one too, and free at once after kill -9', async () => {
  const path = join(folder, 'other.lock');
  const { child, said } = await holder(path);
  expect(said).toBe('held');
  expect(isHeld(path)).toBe(true);
  child.kill('SIGSTOP');
  expect(isHeld(path)).toBe(true);
  expect(acquireLock(path)).toBeNull();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isHeld(path)).toBe(false);
  const taken = acquireLock(path);
  expect(taken).not.toBeNull();
  taken?.release();
});

test('this process holds its own lock against others and itself, through any number of looks', async () => {
  const path = join(folder, 'own.lock');
  const lock = acquireLock(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (let look = 0; look < 3; look += 1) expect(isHeld(path)).toBe(true);
  expect(acquireLock(path)).toBeNull();
  expect((await holder(path)).said).toBe('refused');
  lock?.release();
  lock?.release();
  expect(existsSync(path)).toBe(false);
  expect(isHeld(path)).toBe(false);
});

test('a file that is no lock, or a folder that is not there, is an error and not an answer', () => {
  expect(() => acquireLock(join(folder, 'missing', 'a.lock'))).toThrow(/ENOENT/);
  expect(() => isHeld(folder)).toThrow();
});
