import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import { git, parts } from './git.ts';
import { keepPicture, keptPicture } from './kept-picture.ts';
import { isEmptyFolder, look, otherModes, type Found } from './look.ts';
import { listNested } from './nested.ts';
import type { Shadow } from './shadow.ts';
import type { Picture } from './types.ts';

/** More new files than this in one picture are no work of an agent but a folder that was never meant, e.g. a home folder. */
const MOST_FILES = 100_000;

/**
 * Takes the folder as it is now into the shadow repository. Whole or not at all: git puts a new index in place of the old one when
 * everything is written. The caller holds the shadow's lock. Costs about what `git status` costs where nothing changed.
 */
export async function capture(shadow: Shadow, signal?: AbortSignal): Promise<Picture> {
  const kept = keptPicture(shadow);
  const [dirty, listed, folders] = await Promise.all([
    changedFiles(shadow, signal),
    otherFiles(shadow, signal),
    otherFolders(shadow, signal),
  ]);
  const nested = listed.filter((path) => path.endsWith('/'));
  const others = listed.filter((path) => !path.endsWith('/'));
  for (const path of nested) others.push(...(await listNested(shadow, path, signal)));
  if (others.length > MOST_FILES)
    throw new YonderError(
      'unavailable',
      `there are more than ${MOST_FILES} new files: the folder is too large`,
    );
  const unseen = kept === undefined ? [] : otherModes(shadow.work_tree, kept.racy, kept.modes);
  const found = await look(shadow.work_tree, new Set([...dirty, ...unseen]), others);
  const modes = changedModes(kept?.modes ?? {}, found);
  const isNew = others.length > Object.keys(found.skipped).length;
  const empty = isNew
    ? async () => emptyFolders(shadow, await otherFolders(shadow, signal), nested)
    : async () => emptyFolders(shadow, folders, nested);
  if (kept !== undefined && found.there.length === 0 && found.gone.length === 0) {
    return { tree: kept.tree, modes, empty: await empty(), skipped: found.skipped, taken_ms: Date.now() };
  }
  const tree = await write(shadow, found, signal);
  keepPicture(shadow, { tree, modes, racy: found.racy });
  return { tree, modes, empty: await empty(), skipped: found.skipped, taken_ms: Date.now() };
}

async function write(shadow: Shadow, found: Found, signal: AbortSignal | undefined): Promise<string> {
  rmSync(join(shadow.home, 'picture.json'), { force: true });
  // What a git of ours that was killed left behind: we have the lock, so nobody works on the index.
  rmSync(`${shadow.index}.lock`, { force: true });
  if (found.gone.length > 0) {
    const none = '0'.repeat(40);
    const stdin = found.gone.map((path) => `0 ${none}\t${path}\0`).join('');
    await git(shadow, ['update-index', '-z', '--index-info'], { stdin, signal });
  }
  if (found.there.length > 0) {
    const stdin = found.there.map((path) => `${path}\0`).join('');
    await git(shadow, ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], { stdin, signal });
  }
  return (await git(shadow, ['write-tree'], { signal })).toString('utf8').trim();
}

/** Paths whose stat is not that of the index: content, mode or kind may have changed. */
async function changedFiles(shadow: Shadow, signal: AbortSignal | undefined): Promise<string[]> {
  const listed = parts(await git(shadow, ['diff-files', '--raw', '-z', '--no-renames'], { signal }));
  return listed.filter((_, index) => index % 2 === 1);
}

/** New files; a git repository inside the folder shows as its name with a slash. */
async function otherFiles(shadow: Shadow, signal: AbortSignal | undefined): Promise<string[]> {
  return parts(
    await git(shadow, ['ls-files', '-z', '-o', '--exclude-standard', '--', shadow.scope], { signal }),
  );
}

/** Folders in which nothing is known: new ones, those with ignored files alone, and empty ones. */
async function otherFolders(shadow: Shadow, signal: AbortSignal | undefined): Promise<string[]> {
  const args = ['ls-files', '-z', '-o', '--directory', '--exclude-standard', '--', shadow.scope];
  return parts(await git(shadow, args, { signal })).filter((path) => path.endsWith('/'));
}

function emptyFolders(shadow: Shadow, folders: string[], nested: string[]): string[] {
  return folders
    .filter((path) => !nested.includes(path) && isEmptyFolder(join(shadow.work_tree, path)))
    .map((path) => path.slice(0, -1))
    .filter((path) => path !== shadow.scope)
    .toSorted();
}

function changedModes(before: Record<string, number>, found: Found): Record<string, number> {
  const modes = { ...before };
  for (const path of found.gone) delete modes[path];
  for (const path of found.there) delete modes[path];
  return { ...modes, ...found.modes };
}
