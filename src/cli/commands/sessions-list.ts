import { listText, sessionLine } from '../render/sessions.ts';
import { allSessions } from '../run/all-sessions.ts';
import type { Io } from '../terminal/io.ts';
import { styleFor } from '../terminal/style.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder sessions list [--json] [--here]` */
export function listSessions(flags: LookFlags & { here?: boolean }, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: true }, async (backend, output) => {
    const sessions = await allSessions(backend, io.cwd, flags.here === true);
    if (flags.json === true) {
      for (const session of sessions) await output.text(`${sessionLine(session)}\n`);
      return 0;
    }
    if (sessions.length === 0) output.note('no sessions yet; begin one with: yonder "your task"');
    await output.text(listText(sessions, { cwd: io.cwd, now: io.now(), style: styleFor(io.stdout, io.env) }));
    return 0;
  });
}
