import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { YonderError } from '../../../protocol/errors.ts';
import type { DirectoryListing, ListOptions } from '../../../protocol/workspace.ts';
import { fileError } from '../../path-rule.ts';
import { typeOf } from './files.ts';
import type { Roots } from './roots.ts';
import { type Located, locate } from './walk.ts';

const LIST_LIMIT = 10_000;

export async function list(roots: Roots, path: string, options: ListOptions = {}): Promise<DirectoryListing> {
  options.signal?.throwIfAborted();
  const folder = openFolder(roots, path);
  try {
    const all = await readdir(folder.reach, { withFileTypes: true });
    folder.located.assertUnmoved();
    const limit = options.limit ?? LIST_LIMIT;
    const entries = all
      .map((entry) => ({ name: entry.name, type: typeOf(entry) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, limit);
    return { path: folder.located.path, entries, truncated: all.length > limit };
  } catch (error) {
    throw fileError(path, error);
  } finally {
    folder.close();
  }
}

/** A folder that is held open for reading. `reach` leads to it whatever happens above. */
export interface HeldFolder {
  readonly reach: string;
  readonly located: Located;
  close(): void;
}

const READ_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export function openFolder(roots: Roots, path: string): HeldFolder {
  const located = locate(roots, path, { use: 'read' });
  try {
    if (located.stat === undefined) {
      throw new YonderError('not_found', `${path} does not exist`, { details: { path } });
    }
    if (!located.stat.isDirectory()) {
      throw new YonderError('invalid_request', `${path} is not a folder`, { details: { path } });
    }
    const descriptor = openSync(located.reach, READ_FOLDER);
    return {
      reach: roots.descriptors ? `/proc/self/fd/${descriptor}` : located.path,
      located,
      close() {
        closeSync(descriptor);
        located.close();
      },
    };
  } catch (error) {
    located.close();
    throw fileError(path, error);
  }
}

export function mkdir(roots: Roots, path: string): { path: string; created: boolean } {
  // A name is added so that the walk itself makes every folder of the path.
  const before = locateOrUndefined(roots, path);
  const located = locate(roots, `${path}/.yonder`, { use: 'write', parents: true, follow: false });
  try {
    located.assertUnmoved();
    return { path: located.path.slice(0, -'/.yonder'.length) || '/', created: !before };
  } finally {
    located.close();
  }
}

function locateOrUndefined(roots: Roots, path: string): boolean {
  try {
    const located = locate(roots, path, { use: 'write' });
    located.close();
    if (located.stat === undefined) return false;
    if (located.stat.isDirectory()) return true;
    throw new YonderError('conflict', `${path} exists and is not a folder`, { details: { path } });
  } catch (error) {
    if (error instanceof YonderError && error.code === 'not_found') return false;
    throw error;
  }
}

export function rename(roots: Roots, from: string, to: string): void {
  const source = locate(roots, from, { use: 'write', follow: false });
  try {
    if (!source.stat)
      throw new YonderError('not_found', `${from} does not exist`, { details: { path: from } });
    assertNamed(source, from);
    const target = locate(roots, to, { use: 'write', follow: false });
    try {
      assertNamed(target, to);
      if (target.stat?.isDirectory() === true) {
        throw new YonderError('conflict', `${to} is a folder that is there already`, {
          details: { path: to },
        });
      }
      source.assertUnmoved();
      target.assertUnmoved();
      renameSync(source.reach, target.reach);
    } finally {
      target.close();
    }
  } catch (error) {
    throw fileError(from, error);
  } finally {
    source.close();
  }
}

export function remove(roots: Roots, path: string, recursive: boolean): void {
  const located = locate(roots, path, { use: 'write', follow: false });
  try {
    if (!located.stat) throw new YonderError('not_found', `${path} does not exist`, { details: { path } });
    assertNamed(located, path);
    located.assertUnmoved();
    if (!located.stat.isDirectory()) unlinkSync(located.reach);
    else if (recursive) removeFolder(located.reach, roots.descriptors);
    else rmdirSync(located.reach);
  } catch (error) {
    throw fileError(path, error);
  } finally {
    located.close();
  }
}

function assertNamed(located: Located, path: string): void {
  if (located.name !== '.') return;
  throw new YonderError(
    'invalid_request',
    `${path} names a root or ends in '..': it cannot be moved or removed`,
    {
      details: { path },
    },
  );
}

/** Goes down by descriptor, so that a folder that turns into a link half-way is refused and not followed. */
function removeFolder(reach: string, byDescriptor: boolean): void {
  const descriptor = openSync(reach, READ_FOLDER);
  try {
    const held = byDescriptor ? `/proc/self/fd/${descriptor}` : reach;
    for (const name of readdirSync(held)) {
      const entry = `${held}/${name}`;
      if (lstatSync(entry).isDirectory()) removeFolder(entry, byDescriptor);
      else unlinkSync(entry);
    }
  } finally {
    closeSync(descriptor);
  }
  rmdirSync(reach);
}
