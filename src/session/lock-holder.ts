import { readFileSync, statSync } from 'node:fs';

function inode(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino.toString();
}

/**
 * The process that holds a write lock on the store, for messages only; known on Linux, whose kernel lists all locks in
 * `/proc/locks` as `1: POSIX ADVISORY WRITE <pid> <major>:<minor>:<inode> <first> <last>`.
 */
export function lockHolder(path: string): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const inodes = new Set([inode(path), inode(`${path}-shm`)]);
  let table: string;
  try {
    table = readFileSync('/proc/locks', 'utf8');
  } catch {
    // Some sandboxes hide the table; the message then says "another process".
    return undefined;
  }
  for (const line of table.split('\n')) {
    const [, , , mode, pid, file] = line.trim().split(/\s+/u);
    if (mode === 'WRITE' && inodes.has(file?.split(':')[2]) && Number(pid) > 0 && Number(pid) !== process.pid)
      return Number(pid);
  }
  return undefined;
}
