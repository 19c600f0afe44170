import { YonderError } from '../protocol/errors.ts';
import { lockHolder } from './lock-holder.ts';

/** Primary result codes of SQLite that need words of their own (https://sqlite.org/rescode.html). */
const SQLITE = {
  busy: 5,
  locked: 6,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  notadb: 26,
} as const;

/** What the file system says about a lock file or folder, as SQLite would have said it. */
const FROM_SYSTEM: Readonly<Record<string, number>> = {
  EACCES: SQLITE.readonly,
  EPERM: SQLITE.readonly,
  EROFS: SQLITE.readonly,
  ENOSPC: SQLITE.full,
  EDQUOT: SQLITE.full,
};

/** SQLite's primary result code, or undefined when something else was thrown. */
function resultCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if ('errcode' in thrown && typeof thrown.errcode === 'number') return thrown.errcode & 0xff;
  return 'code' in thrown && typeof thrown.code === 'string' ? FROM_SYSTEM[thrown.code] : undefined;
}

/** True when another connection holds the lock that this call needed: trying again later can work. */
export function isBusy(thrown: unknown): boolean {
  const code = resultCode(thrown);
  return code === SQLITE.busy || code === SQLITE.locked;
}

/** True when the file is no database, or one that contradicts itself. */
export function isDamage(thrown: unknown): boolean {
  const code = resultCode(thrown);
  return code === SQLITE.corrupt || code === SQLITE.notadb;
}

/** True when the file, or a file beside it, could not be opened or made. */
export function isCannotOpen(thrown: unknown): boolean {
  return resultCode(thrown) === SQLITE.cantopen;
}

/** True when the file or its folder may only be read. */
export function isReadOnly(thrown: unknown): boolean {
  return resultCode(thrown) === SQLITE.readonly;
}

function explain(code: number | undefined, path: string, message: string): string {
  switch (code) {
    case SQLITE.busy:
    case SQLITE.locked: {
      const pid = lockHolder(path);
      const holder = pid === undefined ? 'another process' : `process ${pid}`;
      return `the session store ${path} is locked by ${holder}; wait until it is done or end it, then try again`;
    }
    case SQLITE.readonly:
      return `the session store ${path} cannot be written because it or its folder is read-only; make both writable or name another store with --session-db`;
    case SQLITE.full:
      return `the session store ${path} cannot grow because the disk is full; free some space, then resume the session`;
    case SQLITE.ioerr:
      return `the session store ${path} could not be read or written (${message}); check the disk and its free space, then resume the session`;
    case SQLITE.corrupt:
    case SQLITE.notadb:
      return `the session store ${path} is damaged (${message}); keep a copy of it, then restore a backup or move it away to begin with an empty one`;
    case SQLITE.cantopen:
      return `the session store ${path} could not be opened (${message}); check that its folder exists and that you may read and write it`;
    default:
      return `the session store ${path} failed (${message}); run the command again, with --debug to see the cause`;
  }
}

/** What a caller of the store sees instead of an error of SQLite; our own errors pass as they are. */
export function storeFailure(thrown: unknown, path: string): YonderError {
  if (thrown instanceof YonderError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new YonderError('store_failed', explain(resultCode(thrown), path, message), { cause: thrown });
}
