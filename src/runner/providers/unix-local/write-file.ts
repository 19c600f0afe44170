import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { YonderError } from '../../../protocol/errors.ts';
import type { WriteFileOptions, WrittenFile } from '../../../protocol/workspace.ts';
import { fileError } from '../../path-rule.ts';
import { assertRegular, digestOf, openRegular } from './files.ts';
import type { Roots } from './roots.ts';
import { type Located, locate } from './walk.ts';

/**
 * Replaces a file as one act: temporary file beside it, look again, rename. From the check to the rename nothing else of
 * this process runs, so two agents of one Host never lose each other's edit; another process has microseconds between.
 * A link is followed, the link stays. Hard links to the old file keep the old bytes.
 */
export function writeFile(
  roots: Roots,
  path: string,
  bytes: Uint8Array,
  options: WriteFileOptions = {},
): WrittenFile {
  options.signal?.throwIfAborted();
  const located = locate(roots, path, { use: 'write', parents: options.parents === true });
  try {
    const before = located.stat;
    if (before) assertRegular(path, before);
    if (options.if_match !== undefined) assertMatch(located, path, options.if_match);
    const temporary = `${located.folder}/.yonder-${randomBytes(8).toString('hex')}.tmp`;
    try {
      fill(temporary, bytes, options.mode, before);
      located.assertUnmoved();
      if (options.if_match !== undefined) assertSame(located, path, before);
      if (options.if_match === null) linkSync(temporary, located.reach);
      else renameSync(temporary, located.reach);
    } finally {
      rmSync(temporary, { force: true });
    }
    return { path: located.path, digest: digestOf(bytes), created: before === undefined };
  } catch (error) {
    throw fileError(path, error);
  } finally {
    located.close();
  }
}

function assertMatch(located: Located, path: string, wanted: string | null): void {
  if (wanted === null) {
    if (located.stat) throw conflict(path, 'exists already, and it was to be made new');
    return;
  }
  if (!located.stat) throw conflict(path, 'is gone since it was read');
  const descriptor = openRegular(located, path);
  try {
    if (digestOf(readFileSync(descriptor)) !== wanted) throw conflict(path, 'has changed since it was read');
  } finally {
    closeSync(descriptor);
  }
}

function assertSame(located: Located, path: string, before: Stats | undefined): void {
  const now = lstatSync(located.reach, { throwIfNoEntry: false });
  const same =
    now?.ino === before?.ino &&
    now?.size === before?.size &&
    now?.mtimeMs === before?.mtimeMs &&
    now?.ctimeMs === before?.ctimeMs;
  if (!same) throw conflict(path, 'has changed since it was read');
}

function conflict(path: string, what: string): YonderError {
  return new YonderError('conflict', `${path} ${what}: read it again, then write`, { details: { path } });
}

function fill(
  temporary: string,
  bytes: Uint8Array,
  mode: number | undefined,
  before: Stats | undefined,
): void {
  const descriptor = openSync(temporary, 'wx', 0o666);
  try {
    writeFileSync(descriptor, bytes);
    if (before) keepOwner(descriptor, before);
    const bits = mode ?? (before && before.mode & 0o7777);
    if (bits !== undefined) fchmodSync(descriptor, bits);
  } finally {
    closeSync(descriptor);
  }
}

function keepOwner(descriptor: number, before: Stats): void {
  const { uid, gid } = fstatSync(descriptor);
  if (uid === before.uid && gid === before.gid) return;
  try {
    fchownSync(descriptor, before.uid, before.gid);
  } catch (error) {
    // Only root may give a file away; for others the writer owns what it writes, as with any editor that renames.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error;
  }
}
