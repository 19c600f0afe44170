import type { Backend } from '../../protocol/backend.ts';
import { toYonderError } from '../../protocol/errors.ts';
import { CommandFault } from '../command-fault.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import { flagsForNew } from '../run/new-session-id.ts';
import { prepare, type Prepared } from '../run/prepare.ts';
import { runTeam, unlessInterrupted } from '../run/run-team.ts';
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
    if (flags.sessionReadOnly === true) {
      const { lookAtSession } = await import('../run/look-at-session.ts');
      return await lookAtSession(flags, words, io, output, interrupts);
    }
    const prepared = await unlessInterrupted(
      { interrupts },
      prepare(flags, words, io, output, commands),
      () => io.stdin.destroy(),
    );
    const log = await openLogFile(prepared.flags.logFile, io);
    try {
      return await withBackend(prepared, io, async (backend) => {
        const begun = await flagsForNew(flags, backend);
        const read = begun === undefined ? prepared : await prepare(begun, words, io, output, commands);
        const asked = read.server === undefined ? read : await atServer(read, words, backend);
        return runTeam({ prepared: asked, backend, io: coloured(asked, io), output, interrupts, log });
      });
    } catch (thrown) {
      await log?.write(`failed: ${failureOf(thrown)}`);
      throw thrown;
    } finally {
      await log?.close();
    }
  } finally {
    interrupts.close();
  }
}

async function atServer(read: Prepared, words: readonly string[], backend: Backend): Promise<Prepared> {
  const { withServedTeam } = await import('../remote/served-team.ts');
  return withServedTeam(read, words, backend);
}

/** A person that wants no colours gets what NO_COLOR gives; commands of agents keep their environment. */
function coloured({ settings }: Prepared, io: Io): Io {
  return settings.colour.value === 'never' ? { ...io, env: { ...io.env, NO_COLOR: '1' } } : io;
}

async function withBackend(
  prepared: Prepared,
  io: Io,
  act: (backend: Backend) => Promise<number>,
): Promise<number> {
  const backend = await open(prepared, io);
  try {
    return await act(backend);
  } finally {
    await backend.close();
  }
}

async function open({ server, places, settings }: Prepared, io: Io): Promise<Backend> {
  if (server !== undefined) {
    const { openRemote } = await import('../remote/open-remote.ts');
    return openRemote(server, io);
  }
  const { openBackend } = await import('../backend.ts');
  return openBackend({ places, io, helper: settings.credential_helper.value });
}

/** The code alone: a message could hold what was said. */
function failureOf(thrown: unknown): string {
  return thrown instanceof CommandFault ? `exit ${thrown.exit}` : toYonderError(thrown).code;
}
