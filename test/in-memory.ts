import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

const MEMORY = '/dev/shm';
const NAME = 'yonder-tests-';

/** The magic number of tmpfs, from statfs(2). */
const TMPFS = 0x01_02_19_94;

/** What all suites together have there at once, several times over. Bytes. */
const ENOUGH = 2 * 1024 ** 3;

/**
 * Puts the temporary folders of all tests into memory where the machine has room for them, which is gone at the end. Stores flush after each
 * step that must last, and on a disk half of the time of a suite was spent waiting for that. What is killed finds there what a disk would
 * have for it, too: only a machine that loses its power would not. Who names TMPDIR gets the tests there.
 */
export default function setup(): (() => void) | undefined {
  // Each project has it, and the first one did it.
  if (process.env['TMPDIR'] !== undefined || !hasRoom()) return undefined;
  sweep();
  const folder = mkdtempSync(path.join(MEMORY, `${NAME}${process.pid}-`));
  // Tests with other users come here, too.
  chmodSync(folder, 0o1777);
  if (!mayExecute(folder)) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  process.env['TMPDIR'] = folder;
  return () => {
    delete process.env['TMPDIR'];
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
}

function hasRoom(): boolean {
  try {
    const { type, bavail, bsize } = statfsSync(MEMORY);
    return type === TMPFS && bavail * bsize >= ENOUGH;
  } catch {
    return false; // a system without it
  }
}

function mayExecute(folder: string): boolean {
  const program = path.join(folder, 'program');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
  try {
    execFileSync(program);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(program);
  }
}

/** Takes away what suites left that were killed. */
function sweep(): void {
  for (const name of readdirSync(MEMORY)) {
    const pid = name.startsWith(NAME) ? Number.parseInt(name.slice(NAME.length), 10) : Number.NaN;
    if (Number.isInteger(pid) && !lives(pid))
      rmSync(path.join(MEMORY, name), { recursive: true, force: true });
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
