import { join } from 'node:path';
import { git, parts } from './git.ts';
import type { Shadow } from './shadow.ts';
import type { Change, Changes, Entry, Picture } from './types.ts';

const LINK = '120000';
const NOTHING = '000000';

/** What differs between two pictures of one folder: content, kind, mode, and folders without files. */
export async function compare(
  shadow: Shadow,
  before: Picture,
  after: Picture,
  signal?: AbortSignal,
): Promise<Changes> {
  const changes = before.tree === after.tree ? [] : await diff(shadow, before, after, signal);
  const known = new Set(changes.map((change) => change.path));
  const paths = new Set([...Object.keys(before.modes), ...Object.keys(after.modes)]);
  const others = [...paths].filter((path) => !known.has(path) && before.modes[path] !== after.modes[path]);
  if (others.length > 0) changes.push(...(await modesAlone(shadow, before, after, others, signal)));
  const own = (path: string): string => (shadow.scope === '.' ? path : path.slice(shadow.scope.length + 1));
  return {
    top: join(shadow.work_tree, shadow.scope),
    changes: changes
      .map((change) => ({ ...change, path: own(change.path) }))
      .toSorted((left, right) => (left.path < right.path ? -1 : 1)),
    made_folders: without(after.empty, before.empty).map(own),
    gone_folders: without(before.empty, after.empty).map(own),
    opened: before.taken_ms,
    closed: after.taken_ms,
  };
}

async function diff(
  shadow: Shadow,
  before: Picture,
  after: Picture,
  signal: AbortSignal | undefined,
): Promise<Change[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', before.tree, after.tree];
  const listed = parts(await git(shadow, args, { signal }));
  const changes: Change[] = [];
  for (let index = 0; index + 1 < listed.length; index += 2) {
    const [oldMode = '', newMode = '', oldId = '', newId = ''] = (listed[index] ?? '').slice(1).split(' ');
    const path = listed[index + 1] ?? '';
    changes.push({
      path,
      before: entry(oldMode, oldId, before.modes[path]),
      after: entry(newMode, newId, after.modes[path]),
    });
  }
  return changes;
}

/** Git keeps one bit of a mode: a file that was private and is not any more is the same to it. */
async function modesAlone(
  shadow: Shadow,
  before: Picture,
  after: Picture,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Change[]> {
  const listed = parts(await git(shadow, ['ls-tree', '-r', '-z', '--full-tree', after.tree], { signal }));
  const wanted = new Set(paths);
  return listed.flatMap((line) => {
    const [, mode = '', id = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([\s\S]*)$/.exec(line) ?? [];
    if (!wanted.has(path)) return [];
    const change = {
      path,
      before: entry(mode, id, before.modes[path]),
      after: entry(mode, id, after.modes[path]),
    };
    return [change];
  });
}

function entry(gitMode: string, id: string, mode: number | undefined): Entry | null {
  if (gitMode === NOTHING) return null;
  if (gitMode === LINK) return { kind: 'link', id, mode: 0 };
  return { kind: 'file', id, mode: mode ?? (gitMode === '100755' ? 0o755 : 0o644) };
}

function without(all: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return all.filter((path) => !known.has(path));
}
