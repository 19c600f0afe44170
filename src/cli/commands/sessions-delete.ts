import { changing } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder sessions delete <session...> [--json]` */
export function deleteSessions(ids: readonly string[], flags: LookFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: false }, async (backend, output) => {
    const { deleted } = await backend.deleteSessions(changing(), { session_ids: [...ids] });
    for (const session_id of deleted) {
      await output.text(
        flags.json === true ? `${JSON.stringify({ deleted: session_id })}\n` : `deleted ${session_id}\n`,
      );
    }
    return 0;
  });
}
