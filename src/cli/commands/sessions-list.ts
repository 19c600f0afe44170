import { looking } from '../request-context.ts';
import { listText, nextPage, sessionLine } from '../render/sessions.ts';
import { SERVER_FOLDER } from '../run/newest-session.ts';
import { allSessions } from '../run/all-sessions.ts';
import type { Io } from '../terminal/io.ts';
import { styleFor } from '../terminal/style.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

export interface ListFlags extends LookFlags {
  here?: boolean;
  limit?: number;
  page?: string;
}

/** `yonder sessions list [--json] [--here] [--limit N] [--page PAGE]` */
export function listSessions(flags: ListFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: true }, async (backend, output, server) => {
    const folder = server === undefined ? io.cwd : SERVER_FOLDER;
    const paged = flags.limit !== undefined || flags.page !== undefined;
    const { sessions, next_page } = paged
      ? await backend.listSessions(looking(), {
          ...(flags.here === true ? { cwd: folder } : {}),
          ...(flags.limit === undefined ? {} : { limit: flags.limit }),
          ...(flags.page === undefined ? {} : { page: flags.page }),
        })
      : { sessions: await allSessions(backend, folder, flags.here === true) };
    if (flags.json === true) {
      for (const session of sessions) await output.text(`${sessionLine(session, server)}\n`);
    } else {
      if (sessions.length === 0) output.note('no sessions yet; begin one with: yonder "your task"');
      await output.text(
        listText(sessions, {
          cwd: server === undefined ? io.cwd : '',
          now: io.now(),
          style: styleFor(io.stdout, io.env),
          server,
        }),
      );
    }
    if (next_page !== undefined) output.note(nextPage(next_page));
    return 0;
  });
}
