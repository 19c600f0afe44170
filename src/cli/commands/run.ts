import { openBackend } from '../backend.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import { prepare } from '../run/prepare.ts';
import { runTeam } from '../run/run-team.ts';
import { Interrupts } from '../terminal/interrupts.ts';
import type { Io } from '../terminal/io.ts';
import { openLogFile } from '../terminal/log-file.ts';
import { Output } from '../terminal/output.ts';

/** `yonder [run] [team] [message...|-]`; `commands`: what the first word may be a misspelling of, where `run` was not written. */
export async function run(
  flags: RunFlags,
  words: readonly string[],
  io: Io,
  commands: readonly string[] = [],
): Promise<number> {
  const interrupts = new Interrupts(() => process.exit(130));
  const output = new Output(io, () => interrupts.raiseOnce());
  try {
    const prepared = await prepare(flags, words, io, output, commands);
    const log = await openLogFile(prepared.flags.logFile, io);
    const backend = await openBackend({ places: prepared.places, io });
    try {
      return await runTeam({ prepared, backend, io, output, interrupts, log });
    } finally {
      await backend.close();
      await log?.close();
    }
  } finally {
    interrupts.close();
  }
}
