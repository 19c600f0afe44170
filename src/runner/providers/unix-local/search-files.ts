import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Ignore } from 'ignore';
import type { IgnoreRules } from './ignore-rules.ts';
import type { Roots } from './roots.ts';

/** What a search leaves out. */
export interface SearchFilter {
  readonly rules: IgnoreRules;
  readonly useGitignore: boolean;
  readonly exclude: Ignore;
}

/**
 * The files below a folder in the order of comparePaths, links and `.git` left out. Only names come from here; what is in
 * a file is read along the descriptor walk, so that a folder exchanged in the meantime shows nothing from outside.
 */
export async function* searchFiles(
  roots: Roots,
  top: string,
  filter: SearchFilter,
  folder = top,
): AsyncGenerator<string> {
  const rules = filter.useGitignore ? await filter.rules.below(roots, folder) : filter.rules;
  for (const entry of await entriesOf(folder)) {
    const path = posix.join(folder, entry.name);
    const isFolder = entry.isDirectory();
    if (entry.name === '.git' || !(isFolder || entry.isFile())) continue;
    const below = posix.relative(top, path);
    if (filter.exclude.ignores(isFolder ? `${below}/` : below) || rules.ignores(path, isFolder)) continue;
    if (isFolder) yield* searchFiles(roots, top, { ...filter, rules }, path);
    else yield path;
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // Gone since its parent was read, or not ours to read: a search shows what there is.
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}
