import { untilTaken } from '../run/until-taken.ts';
import type { Io } from '../terminal/io.ts';
import { oneLine } from '../terminal/style.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder sessions title <session> <title...>` */
export function titleSession(session: string, title: string, flags: LookFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: false }, async (backend, output) => {
    const session_id = await untilTaken(backend, session, output, (runtime, context) =>
      runtime.setTitle(context, { title }),
    );
    await output.text(`${session_id} is now: ${oneLine(title, 200)}\n`);
    return 0;
  });
}
