import type { Backend } from '../../protocol/backend.ts';
import { toYonderError } from '../../protocol/errors.ts';
import type { RequestOf, ResponseOf } from '../../protocol/contract/contract.ts';
import { foundText } from '../render/found.ts';
import { nextPage, sessionLine } from '../render/sessions.ts';
import { SERVER_FOLDER } from '../run/newest-session.ts';
import { looking } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { styleFor } from '../terminal/style.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

export interface SearchFlags extends LookFlags {
  here?: boolean;
  starred?: boolean;
  limit?: number;
  page?: string;
}

/** `yonder sessions search WORDS... [--json] [--here] [--starred] [--limit N] [--page PAGE]` */
export function searchSessions(words: readonly string[], flags: SearchFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: true }, async (backend, output, server) => {
    const query = queryOf(words);
    const { sessions, next_page } = await searchAll(backend, output, flags, io, {
      query,
      ...(flags.here === true ? { cwd: server === undefined ? io.cwd : SERVER_FOLDER } : {}),
      ...(flags.starred === true ? { starred: true } : {}),
      ...(flags.limit === undefined ? {} : { limit: flags.limit }),
      ...(flags.page === undefined ? {} : { page: flags.page }),
    });
    if (sessions.length === 0) output.note(`nothing was said of ${query}`);
    const style = styleFor(io.stdout, io.env);
    for (const session of sessions) {
      await output.text(
        flags.json === true ? `${sessionLine(session, server)}\n` : foundText(session, io.now(), style),
      );
    }
    if (next_page !== undefined) output.note(nextPage(next_page));
    return 0;
  });
}

/** A word of the command line that has a blank in it was quoted for the shell: it is a phrase. */
export function queryOf(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? '';
  return words.map((word) => (/\s/.test(word) && !word.includes('"') ? `"${word}"` : word)).join(' ');
}

/** Where older sessions are not in the index yet, the store is opened to write until they are; the search is made again behind that. */
async function searchAll(
  backend: Backend,
  output: Output,
  flags: SearchFlags,
  io: Io,
  request: RequestOf<'session/search'>,
): Promise<ResponseOf<'session/search'>> {
  const first = await backend.searchSessions(looking(), request);
  if (first.unindexed === 0) return first;
  try {
    return await withBackend(flags, io, { readOnly: false }, async (writing) => {
      for (;;) {
        const answer = await writing.searchSessions(looking(), request);
        if (answer.unindexed === 0) return answer;
        output.note(`reading older sessions for the first search: ${answer.unindexed} left`);
      }
    });
  } catch (thrown) {
    const { message } = toYonderError(thrown);
    output.note(`warning: ${first.unindexed} older sessions were not searched: ${message}`);
    return first;
  }
}
