import { YonderError } from '../../protocol/errors.ts';
import { untilTaken } from '../run/until-taken.ts';
import type { Io } from '../terminal/io.ts';
import { oneLine } from '../terminal/style.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder sessions title <session> <title...>` */
export async function titleSession(
  session: string,
  title: string,
  flags: LookFlags,
  io: Io,
): Promise<number> {
  if (title.trim() === '') {
    const message = 'title: write a text; in a conversation /title without one has the session named';
    throw new YonderError('invalid_request', message);
  }
  return withBackend(flags, io, { readOnly: false }, async (backend, output) => {
    const session_id = await untilTaken(backend, session, output, (runtime, context) =>
      runtime.setTitle(context, { title }),
    );
    const words = `${session_id} is now: ${oneLine(title, 200)}`;
    await output.text(`${flags.json === true ? JSON.stringify({ session_id, title }) : words}\n`);
    return 0;
  });
}
