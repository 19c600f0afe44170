import { transcriptText } from '../render/transcript.ts';
import { looking } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import { styleFor } from '../terminal/style.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder sessions show <session> [--json]` */
export function showSession(session: string, flags: LookFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: true }, async (backend, output) => {
    const { messages } = await backend.session(session).transcript(looking(), { include_children: false });
    if (flags.json === true)
      for (const message of messages) await output.text(`${JSON.stringify(message)}\n`);
    else await output.text(transcriptText(messages, styleFor(io.stdout, io.env)));
    return 0;
  });
}
