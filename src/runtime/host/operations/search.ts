import { YonderError } from '../../../protocol/errors.ts';
import { summaryOf } from '../describe.ts';
import { folderOf } from './reads.ts';
import type { Handlers } from './handlers.ts';

const PAGE = 20;
/** How long one call goes on indexing what was there before the index. Milliseconds. */
const CATCH_UP = 1000;

export const searchHandlers: Handlers<'session/search'> = {
  async 'session/search'(host, context, request) {
    if (request.query.trim() === '')
      throw new YonderError('invalid_request', 'query: write at least one word to look for');
    const limit = request.limit ?? PAGE;
    const offset = pageOffset(request.page);
    const unindexed = await host.store.catchUpSearch(CATCH_UP, context.signal);
    const hits = await host.store.search({
      query: request.query,
      principal: host.seenBy(context),
      working_dir: folderOf(host, request.cwd),
      starred: request.starred,
      limit: limit + 1,
      offset,
    });
    const sessions = await Promise.all(
      hits.slice(0, limit).map(async ({ row, snippet, matches, ...place }) => ({
        ...(await summaryOf(host.store, row)),
        match: { ...place, snippet: snippet.text, marks: snippet.marks, count: matches },
      })),
    );
    return { sessions, unindexed, ...(hits.length > limit ? { next_page: String(offset + limit) } : {}) };
  },
};

function pageOffset(page: string | undefined): number {
  if (page === undefined) return 0;
  if (/^\d{1,9}$/.test(page)) return Number(page);
  throw new YonderError('invalid_request', 'page: take the next_page of an answer');
}
