import { accessSync, constants, lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { NOT_UTF8 } from './git.ts';

/** A new file of more bytes is not kept (the peer's cap, reference Appendix C). */
export const NEW_FILE_CAP = 2 * 1024 * 1024;
const AT_ONCE = 500;
const RACY_MS = 1100;

export interface Found {
  /** Files and links to be taken. */
  there: string[];
  /** Known before, and no file or link any more. */
  gone: string[];
  /** Permission bits that git would not keep. */
  modes: Record<string, number>;
  /** New, and not taken, with the reason. */
  skipped: Record<string, string>;
  /** Taken in the second in which they were changed. */
  racy: string[];
}

/** Looks at each path that git named, and says what is to be done with it. */
export async function look(
  top: string,
  changed: ReadonlySet<string>,
  others: readonly string[],
): Promise<Found> {
  const found: Found = { there: [], gone: [], modes: {}, skipped: {}, racy: [] };
  let count = 0;
  for (const [paths, isNew] of [
    [changed, false],
    [others, true],
  ] as const) {
    for (const path of paths) {
      lookAt(found, top, path, isNew);
      count += 1;
      if (count % AT_ONCE === 0) await nextTurn();
    }
  }
  return found;
}

function lookAt(found: Found, top: string, path: string, isNew: boolean): void {
  const stat = statOf(join(top, path));
  const isKept = stat !== undefined && (stat.isFile() || stat.isSymbolicLink());
  if (!isKept) {
    if (!isNew) found.gone.push(path);
    return;
  }
  const reason = reasonToSkip(join(top, path), stat, isNew);
  if (reason !== undefined) {
    found.skipped[path] = reason;
    return;
  }
  found.there.push(path);
  if (stat.ctimeMs > Date.now() - RACY_MS) found.racy.push(path);
  const mode = stat.mode & 0o7777;
  if (stat.isFile() && mode !== 0o644 && mode !== 0o755) found.modes[path] = mode;
}

/** Those of these files whose mode is not the one that was kept. */
export function otherModes(top: string, paths: readonly string[], modes: Record<string, number>): string[] {
  return paths.filter((path) => {
    const stat = statOf(join(top, path));
    if (stat?.isFile() !== true) return false;
    const mode = stat.mode & 0o7777;
    return mode !== (modes[path] ?? ((mode & 0o100) === 0 ? 0o644 : 0o755));
  });
}

function reasonToSkip(absolute: string, stat: Stats, isNew: boolean): string | undefined {
  if (absolute.includes(NOT_UTF8)) return 'its name is not UTF-8';
  if (isNew && stat.isFile() && stat.size > NEW_FILE_CAP) return 'it is new and over 2 MiB';
  return stat.isFile() && !isReadable(absolute) ? 'it cannot be read' : undefined;
}

/** What stands there now; undefined for nothing, as below what is no folder any more. */
export function statOf(absolute: string): Stats | undefined {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    if (hasCode(error, 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES')) return undefined;
    throw error;
  }
}

export function isEmptyFolder(absolute: string): boolean {
  try {
    return readdirSync(absolute).length === 0;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return false;
    throw error;
  }
}

function isReadable(absolute: string): boolean {
  try {
    accessSync(absolute, constants.R_OK);
    return true;
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'ENOENT')) return false;
    throw error;
  }
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
