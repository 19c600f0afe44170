import { looking } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import { oneLine } from '../terminal/style.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder sessions log <session> [--json]`: what the log holds up to now. */
export function logSession(session: string, flags: LookFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: true }, async (backend, output) => {
    for await (const event of backend.session(session).follow(looking(), { after: 0, follow: false })) {
      if (event.seq === undefined) continue;
      if (output.isClosed) break;
      await output.text(
        flags.json === true
          ? `${event.json}\n`
          : `${event.seq}  ${event.type}  ${oneLine(event.json, 160)}\n`,
      );
    }
    return 0;
  });
}
