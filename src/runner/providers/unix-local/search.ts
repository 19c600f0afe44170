import { closeSync } from 'node:fs';
import { posix } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import ignore from 'ignore';
import { YonderError } from '../../../protocol/errors.ts';
import type { SearchMatch, SearchQuery, SearchResult } from '../../../protocol/workspace.ts';
import { isWithin } from '../../path-rule.ts';
import { openRegular } from './files.ts';
import { IgnoreRules, rulesFor } from './ignore-rules.ts';
import { readPart } from './kept-text.ts';
import { ripgrepFiles, ripgrepUnderstands, type StartForSearch } from './ripgrep.ts';
import type { Roots } from './roots.ts';
import { searchFiles, type SearchFilter } from './search-files.ts';
import { comparePaths, compileQuery, firstMatches, SEARCH_FILE_LIMIT } from './search-lines.ts';
import { locate } from './walk.ts';

export interface Searcher {
  readonly roots: Roots;
  readonly start: StartForSearch;
  /** Path of ripgrep; null: our own walk alone. */
  readonly ripgrep: string | null;
}

/** Searches contents. Ripgrep only names the files to look at; which lines match is decided here, the same for both ways. */
export async function search(
  searcher: Searcher,
  query: SearchQuery,
  signal?: AbortSignal,
): Promise<SearchResult> {
  signal?.throwIfAborted();
  const find = compileQuery(query);
  if (!Number.isSafeInteger(query.limit) || query.limit < 1) {
    throw new YonderError('invalid_request', 'the limit of a search must be a whole number from 1');
  }
  const matches: SearchMatch[] = [];
  for await (const path of candidates(searcher, query)) {
    signal?.throwIfAborted();
    const bytes = contentOf(searcher.roots, path);
    // One more than there is room for says that there is more.
    const room = query.limit - matches.length;
    const found = bytes ? firstMatches(path, bytes, query, find, room + 1) : [];
    matches.push(...found.slice(0, room));
    if (found.length > room) return { matches, truncated: true };
    await breathe();
  }
  return { matches, truncated: false };
}

async function* candidates(searcher: Searcher, query: SearchQuery): AsyncGenerator<string> {
  const { roots, ripgrep, start } = searcher;
  const asked = query.path ?? '.';
  const located = locate(roots, asked, { use: 'read' });
  located.close();
  if (!located.stat)
    throw new YonderError('not_found', `${asked} does not exist`, { details: { path: asked } });
  if (!located.stat.isDirectory()) {
    yield located.path;
    return;
  }
  const folder = located.path;
  const useGitignore = query.gitignore !== false;
  const rules = useGitignore ? await rulesFor(roots, located.root.path, folder) : new IgnoreRules();
  const filter: SearchFilter = { rules, useGitignore, exclude: ignore().add([...(query.exclude ?? [])]) };
  // A read root is no working directory, so there ripgrep cannot be started.
  const usable = ripgrep !== null && located.root.writable && ripgrepUnderstands(query);
  const named = usable ? await ripgrepFiles(start, ripgrep, folder, query) : null;
  if (named === null) yield* searchFiles(roots, folder, filter);
  else
    for (const below of named.sort(comparePaths))
      if (!leftOut(filter, folder, below)) yield posix.join(folder, below);
}

/** What ripgrep did not see: the caller's patterns, and .gitignore files above the folder. */
function leftOut({ exclude, rules }: SearchFilter, folder: string, below: string): boolean {
  const parts = below.split('/');
  return parts.some((_, index) => {
    const isFolder = index < parts.length - 1;
    const part = parts.slice(0, index + 1).join('/');
    return exclude.ignores(isFolder ? `${part}/` : part) || rules.ignores(posix.join(folder, part), isFolder);
  });
}

/** Null for what is no longer a file of its own in the roots, is too large, or may not be read. */
function contentOf(roots: Roots, path: string): Uint8Array | null {
  try {
    const located = locate(roots, path, { use: 'read', follow: false });
    try {
      const size = located.stat?.size ?? 0;
      if (size > SEARCH_FILE_LIMIT || !isWithin(located.root.path, located.path)) return null;
      const descriptor = openRegular(located, path);
      try {
        const bytes = readPart(descriptor, 0, size);
        located.assertUnmoved();
        return bytes;
      } finally {
        closeSync(descriptor);
      }
    } finally {
      located.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
