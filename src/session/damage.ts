import { constants, copyFileSync, statSync } from 'node:fs';

import { YonderError } from '../protocol/errors.ts';

/**
 * Copies a damaged store beside itself, named by when the damaged file was last written, so that trying again makes no second copy;
 * returns the error that says so. The store itself is left as it is.
 */
export function copyAside(path: string, cause: unknown): YonderError {
  const what = `the session store ${path} is damaged (${message(cause)})`;
  try {
    const written = statSync(path)
      .mtime.toISOString()
      .replaceAll(/[-:]|\.\d+/gu, '');
    const copy = `${path}.corrupt-${written}`;
    copyOnce(path, copy);
    copyOnce(`${path}-wal`, `${copy}-wal`);
    return new YonderError(
      'store_failed',
      `${what}; it was left as it is and copied to ${copy}: restore a backup, or move ${path} away to begin with an empty store`,
      { cause, details: { path, copy }, retryable: false },
    );
  } catch (thrown) {
    return new YonderError(
      'store_failed',
      `${what} and could not be copied aside (${message(thrown)}); copy it, then restore a backup or move it away`,
      {
        cause: thrown,
        details: { path },
        retryable: false,
      },
    );
  }
}

function copyOnce(from: string, to: string): void {
  const size = statSync(from, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || statSync(to, { throwIfNoEntry: false }) !== undefined) return;
  copyFileSync(from, to, constants.COPYFILE_EXCL);
}

function message(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
