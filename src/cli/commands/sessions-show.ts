import type { Backend } from '../../protocol/backend.ts';
import { costLines, costTotal } from '../render/cost-bars.ts';
import { transcriptLines, transcriptText } from '../render/transcript.ts';
import { looking } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { styleFor } from '../terminal/style.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** Columns where there is no terminal to ask. */
const WIDTH = 80;

/** `yonder sessions show <session> [--json] [--cost]` */
export function showSession(session: string, flags: LookFlags & { cost?: boolean }, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: true }, async (backend, output) => {
    if (flags.cost === true) return showCost(session, flags, io, backend, output);
    const transcript = await backend.session(session).transcript(looking(), { include_children: false });
    if (flags.json === true)
      for (const line of transcriptLines(transcript)) await output.text(`${JSON.stringify(line)}\n`);
    else await output.text(transcriptText(transcript, styleFor(io.stdout, io.env)));
    return 0;
  });
}

async function showCost(
  session: string,
  flags: LookFlags,
  io: Io,
  backend: Backend,
  output: Output,
): Promise<number> {
  const usage = await backend.session(session).usage(looking(), {});
  if (flags.json === true) {
    await output.text(`${JSON.stringify(usage)}\n`);
    return 0;
  }
  const width = io.stdout.isTTY === true ? (io.stdout.columns ?? WIDTH) : WIDTH;
  for (const line of [...costLines(usage, width, styleFor(io.stdout, io.env)), costTotal(usage)])
    await output.text(`${line}\n`);
  return 0;
}
