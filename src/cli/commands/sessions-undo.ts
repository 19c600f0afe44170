import { filesText } from '../render/taken-back.ts';
import { snapshotsText } from '../render/snapshots.ts';
import { changing, looking } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import { oneLine, styleFor } from '../terminal/style.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder sessions snapshots <session> [--json]` */
export function listSnapshots(session: string, flags: LookFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: true }, async (backend, output, server) => {
    const runtime = backend.session(session);
    const { session: summary } = await runtime.open(looking(), {});
    const listed = await runtime.snapshots(looking(), {});
    if (flags.json === true)
      for (const snapshot of listed.snapshots) await output.text(`${JSON.stringify(snapshot)}\n`);
    else await output.text(snapshotsText(listed, summary.session_id, styleFor(io.stdout, io.env), server));
    return 0;
  });
}

/** `yonder sessions undo <session> [--json]`: the last message, what was answered, and what it did to the files. */
export function undoSession(session: string, flags: LookFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: false }, async (backend, output) => {
    const taken = await backend.session(session).undo(changing(), {});
    await output.text(
      flags.json === true
        ? `${JSON.stringify(taken)}\n`
        : `taken back: ${filesText(taken.files)}, and what came of: ${oneLine(taken.text, 60)}\n`,
    );
    return 0;
  });
}

/** `yonder sessions reset <session> [snapshot] [--json]` */
export function resetSession(
  session: string,
  at: string | undefined,
  flags: LookFlags,
  io: Io,
): Promise<number> {
  return withBackend(flags, io, { readOnly: false }, async (backend, output) => {
    const taken = await backend.session(session).reset(changing(), at === undefined ? {} : { at });
    const where = at === undefined || at === '0' ? 'the beginning' : at;
    await output.text(
      flags.json === true
        ? `${JSON.stringify(taken)}\n`
        : `back to ${where}: ${filesText(taken.files)} and ${taken.removed.length} messages taken back\n`,
    );
    return 0;
  });
}
