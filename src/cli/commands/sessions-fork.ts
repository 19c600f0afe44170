import { changing } from '../request-context.ts';
import { forkLines } from '../render/fork.ts';
import type { Io } from '../terminal/io.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder sessions fork <session> [--at TURN] [--title TITLE] [--json]` */
export function forkSession(
  session: string,
  flags: LookFlags & { at?: string; title?: string },
  io: Io,
): Promise<number> {
  return withBackend(flags, io, { readOnly: false }, async (backend, output, server) => {
    const forked = await backend.session(session).fork(changing(), {
      ...(flags.at === undefined ? {} : { at: flags.at }),
      ...(flags.title === undefined ? {} : { title: flags.title }),
    });
    await output.text(flags.json === true ? `${JSON.stringify(forked)}\n` : `${forked.session_id}\n`);
    if (flags.json !== true) for (const line of forkLines(forked, server)) output.note(line);
    return 0;
  });
}
