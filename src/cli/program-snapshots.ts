import type { Command } from 'commander';
import type { PlaceFlags } from './flags/run-flags.ts';
import { addRemoteFlags, type RemoteFlags } from './remote/remote-flags.ts';
import type { Io } from './terminal/io.ts';

type Flags = RemoteFlags & { json?: boolean };

const SESSION = 'an id, a prefix of one, or -1 for the newest';

/** `yonder sessions snapshots|undo|reset`: what `/snapshots`, `/undo` and `/reset` do in a conversation. */
export function addSnapshots(
  sessions: Command,
  io: Io,
  done: (exit: number) => void,
  places: () => PlaceFlags,
): void {
  addRemoteFlags(sessions.command('snapshots'))
    .description('the turns that changed files, oldest first')
    .argument('<session>', SESSION)
    .option('--json', 'one object per line')
    .action(async (session: string, flags: Flags) => {
      const { listSnapshots } = await import('./commands/sessions-undo.ts');
      done(await listSnapshots(session, { ...places(), ...flags }, io));
    });
  addRemoteFlags(sessions.command('undo'))
    .description('take back the last message, what was answered, and what it did to the files')
    .argument('<session>', SESSION)
    .option('--json', 'one object')
    .action(async (session: string, flags: Flags) => {
      const { undoSession } = await import('./commands/sessions-undo.ts');
      done(await undoSession(session, { ...places(), ...flags }, io));
    });
  addRemoteFlags(sessions.command('reset'))
    .description('go back to a snapshot, or to the beginning of the session')
    .argument('<session>', SESSION)
    .argument('[snapshot]', 'its number, as `sessions snapshots` has it (default: the beginning)')
    .option('--json', 'one object')
    .action(async (session: string, at: string | undefined, flags: Flags) => {
      const { resetSession } = await import('./commands/sessions-undo.ts');
      done(await resetSession(session, at, { ...places(), ...flags }, io));
    });
}
