import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import { locate, type Located } from '../../runner/providers/unix-local/walk.ts';
import type { Roots } from '../../runner/providers/unix-local/roots.ts';
import type { Entry } from './types.ts';

/** What stands at a path now: an entry, nothing, or something that no snapshot holds (a folder, a device). */
export type Current = Entry | null | 'other';

/** Looks at a path without following a link at its end or on the way: below a link there is nothing of the folder's own. */
export function currentEntry(roots: Roots, top: string, path: string): Current {
  const located = locateExactly(roots, join(top, path));
  if (located === undefined) return null;
  try {
    const { stat } = located;
    if (stat === undefined) return null;
    if (stat.isSymbolicLink()) {
      return { kind: 'link', id: blobId(readlinkSync(located.reach, 'buffer')), mode: 0 };
    }
    return stat.isFile() ? fileEntry(located) : 'other';
  } finally {
    located.close();
  }
}

function fileEntry(located: Located): Current {
  const descriptor = openSync(
    located.reach,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return 'other';
    return { kind: 'file', id: blobId(readFileSync(descriptor)), mode: stat.mode & 0o7777 };
  } finally {
    closeSync(descriptor);
  }
}

/** The place of a path in its real folder; undefined where a part of the way is missing, is no folder, or is a link. */
export function locateExactly(roots: Roots, absolute: string, parents = false): Located | undefined {
  let located: Located;
  try {
    located = locate(roots, absolute, { use: 'write', follow: false, parents });
  } catch (error) {
    const isAway =
      error instanceof YonderError && ['not_found', 'invalid_request', 'path_escape'].includes(error.code);
    if (isAway) return undefined;
    throw error;
  }
  if (located.path === absolute) return located;
  located.close();
  return undefined;
}

/** Git's name for a content. */
export function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex');
}
