import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../process/digest.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { Located } from '../../runner/providers/unix-local/walk.ts';
import type { Roots } from '../../runner/providers/unix-local/roots.ts';
import { readBlobs } from './blobs.ts';
import { currentEntry, locateExactly } from './current.ts';
import { sameEntry, type PathPlan, type RestorePlan } from './merge.ts';
import { statOf } from './look.ts';
import type { Shadow } from './shadow.ts';
import type { Entry } from './types.ts';

/** Paths that stand in the way: what is there is neither what the turns left nor what is to be restored. */
export function conflictsOf(roots: Roots, plan: RestorePlan): string[] {
  const top = roots.workspace.path;
  const leaving = new Set(plan.paths.filter((path) => path.to === null).map((path) => join(top, path.path)));
  return plan.paths
    .filter((path) => {
      const now = currentEntry(roots, top, path.path);
      if (now === 'other') return path.to === null || !becomesEmpty(join(top, path.path), leaving);
      if (sameEntry(now, path.to)) return false;
      if (path.to !== null && isBlocked(top, join(top, path.path), leaving)) return true;
      return path.broken || !sameEntry(now, path.from);
    })
    .map((path) => path.path);
}

/** Whether something that stays and is no folder stands where a folder of the path is to be. */
function isBlocked(top: string, absolute: string, leaving: ReadonlySet<string>): boolean {
  for (let at = dirname(absolute); at.startsWith(`${top}/`); at = dirname(at)) {
    const stat = statOf(at);
    if (stat !== undefined && !stat.isDirectory() && !leaving.has(at)) return true;
  }
  return false;
}

/** Whether a folder that stands where a file was will have gone with the files that the turns made in it. */
function becomesEmpty(folder: string, leaving: ReadonlySet<string>): boolean {
  try {
    return readdirSync(folder, { withFileTypes: true }).every((item) => {
      const path = join(folder, item.name);
      return item.isDirectory() ? becomesEmpty(path, leaving) : leaving.has(path);
    });
  } catch (error) {
    if (hasCode(error, 'ENOTDIR', 'EACCES', 'ENOENT')) return false;
    throw error;
  }
}

/**
 * Carries the plan out: what the turns made goes, what they changed or deleted comes back. Each path is replaced as one act; what is
 * restored already is left alone, so that a cut restore can be carried out again.
 */
export async function restore(
  shadow: Shadow,
  roots: Roots,
  plan: RestorePlan,
  signal?: AbortSignal,
): Promise<void> {
  const top = roots.workspace.path;
  for (const { path, to } of plan.paths) if (to === null) removeFile(roots, join(top, path));
  const keep = new Set(plan.gone_folders.map((folder) => join(top, folder)));
  const left = plan.paths.filter(({ to }) => to === null).map(({ path }) => dirname(join(top, path)));
  const made = plan.made_folders.map((folder) => join(top, folder));
  const inTheWay = plan.paths.filter(({ to }) => to !== null).map(({ path }) => join(top, path));
  for (const folder of [...left, ...made].toSorted((a, b) => b.length - a.length))
    removeEmpty(roots, folder, keep);
  for (const path of inTheWay) removeEmptyTree(roots, path);
  for (const folder of keep) makeFolder(roots, folder);
  await writeBack(shadow, roots, plan, signal);
}

async function writeBack(
  shadow: Shadow,
  roots: Roots,
  plan: RestorePlan,
  signal: AbortSignal | undefined,
): Promise<void> {
  const top = roots.workspace.path;
  const wanted = new Map<string, PathPlan[]>();
  for (const path of plan.paths) {
    if (path.to === null || sameEntry(now(roots, top, path), path.to)) continue;
    wanted.set(path.to.id, [...(wanted.get(path.to.id) ?? []), path]);
  }
  for await (const blobs of readBlobs(shadow, [...wanted.keys()], signal)) {
    for (const [id, bytes] of blobs) {
      for (const { path, to } of wanted.get(id) ?? [])
        if (to !== null) put(roots, join(top, path), to, bytes);
    }
  }
}

function now(roots: Roots, top: string, { path }: PathPlan): Entry | null {
  const current = currentEntry(roots, top, path);
  return current === 'other' ? null : current;
}

/** One file or link in place of what stands there, whole or not at all. */
function put(roots: Roots, absolute: string, entry: Entry, bytes: Uint8Array): void {
  const located = locateExactly(roots, absolute, true);
  if (located === undefined)
    throw new YonderError(
      'conflict',
      `${absolute} cannot be restored: a folder on its way is a link or a file now`,
    );
  // The same name for the same path: what a killed restore left there goes with the next one.
  const temporary = `${located.folder}/.yonder-${sha256(absolute).slice(0, 16)}.tmp`;
  try {
    rmSync(temporary, { force: true });
    if (entry.kind === 'link') symlinkSync(Buffer.from(bytes), temporary);
    else fill(temporary, entry.mode, bytes, located);
    renameSync(temporary, located.reach);
  } finally {
    rmSync(temporary, { force: true });
    located.close();
  }
}

function fill(temporary: string, mode: number, bytes: Uint8Array, located: Located): void {
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(descriptor, bytes);
    const owner = located.stat?.isFile() === true ? located.stat : undefined;
    if (owner !== undefined && process.getuid?.() === 0) fchownSync(descriptor, owner.uid, owner.gid);
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function removeFile(roots: Roots, absolute: string): void {
  const located = locateExactly(roots, absolute);
  if (located === undefined) return;
  try {
    if (located.stat !== undefined && !located.stat.isDirectory()) rmSync(located.reach, { force: true });
  } finally {
    located.close();
  }
}

/** The folder and those above it, as far as they are empty and none of them was there before the turns. */
function removeEmpty(roots: Roots, folder: string, keep: ReadonlySet<string>): void {
  const { path: lowest } = roots.workspace;
  for (let at = folder; at.startsWith(`${lowest}/`) && !keep.has(at); at = dirname(at)) {
    const located = locateExactly(roots, at);
    if (located === undefined) continue;
    try {
      if (located.stat?.isDirectory() !== true) continue;
      rmdirSync(located.reach);
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EBUSY', 'EACCES')) return;
      throw error;
    } finally {
      located.close();
    }
  }
}

/** A folder where a file is to come back; the look for conflicts has shown that nothing but folders is left in it. */
function removeEmptyTree(roots: Roots, absolute: string): void {
  const located = locateExactly(roots, absolute);
  if (located === undefined) return;
  try {
    if (located.stat?.isDirectory() !== true) return;
    for (const name of readdirSync(located.reach)) removeEmptyTree(roots, join(absolute, name));
    rmdirSync(located.reach);
  } finally {
    located.close();
  }
}

function makeFolder(roots: Roots, folder: string): void {
  const located = locateExactly(roots, folder, true);
  if (located === undefined) return;
  try {
    if (located.stat === undefined) mkdirSync(located.reach);
  } finally {
    located.close();
  }
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
