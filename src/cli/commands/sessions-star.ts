import { untilTaken } from '../run/until-taken.ts';
import type { Io } from '../terminal/io.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder sessions star <session> [--off]` */
export function starSession(session: string, flags: LookFlags & { off?: boolean }, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: false }, async (backend, output) => {
    const starred = flags.off !== true;
    const session_id = await untilTaken(backend, session, output, (runtime, context) =>
      runtime.setStarred(context, { starred }),
    );
    const words = `${session_id} has ${starred ? 'a' : 'no'} star now`;
    await output.text(`${flags.json === true ? JSON.stringify({ session_id, starred }) : words}\n`);
    return 0;
  });
}
