import { type Command, InvalidArgumentError } from 'commander';
import { refuseUnknown } from './flags/misspelt.ts';
import type { PlaceFlags } from './flags/run-flags.ts';
import { addSnapshots } from './program-snapshots.ts';
import { addRemoteFlags, type RemoteFlags } from './remote/remote-flags.ts';
import type { Io } from './terminal/io.ts';

type Done = (exit: number) => void;

interface SearchFlags extends RemoteFlags {
  json?: boolean;
  here?: boolean;
  starred?: boolean;
  limit?: number;
  page?: string;
}

const EXAMPLES = `
A session is named by its id, the beginning of one, or by its place: -1 is the newest, -2 the one before.

Examples:
  yonder sessions list --here --limit 5
  yonder sessions search migration "'two words'" --json
  yonder sessions show -1 --cost
  yonder sessions fork -1 --at 2 --title "Another way"
  yonder sessions export -1 -o transcript.md
  yonder run --session -1 "and now the tests"`;

const SESSION = 'an id, a prefix of one, or -1 for the newest';

function limit(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 500) return number;
  throw new InvalidArgumentError('It must be a whole number from 1 to 500.');
}

/** `yonder sessions ...` */
export function addSessions(program: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  program.commandsGroup('Look:');
  const sessions = program
    .command('sessions')
    .description('what was done, and what can go on')
    .addHelpText('after', EXAMPLES);
  refuseUnknown(sessions);
  addRemoteFlags(sessions.command('list', { isDefault: true }))
    .description("all sessions, this folder's first")
    .option('--json', 'one object per line')
    .option('--here', 'this folder alone')
    .option('--limit <n>', 'so many at most, newest first (default: all)', limit)
    .option('--page <page>', 'from where an answer before said that there are more')
    .action(
      async (flags: RemoteFlags & { json?: boolean; here?: boolean; limit?: number; page?: string }) => {
        const { listSessions } = await import('./commands/sessions-list.ts');
        done(await listSessions({ ...places(), ...flags }, io));
      },
    );
  addRemoteFlags(sessions.command('show'))
    .description('the transcript of a session')
    .argument('<session>', 'an id, a prefix of one, or -1 for the newest')
    .option('--json', 'one message per line')
    .option('--cost', 'where tokens, cost and time went: per turn, model and agent')
    .action(async (session: string, flags: RemoteFlags & { json?: boolean; cost?: boolean }) => {
      const { showSession } = await import('./commands/sessions-show.ts');
      done(await showSession(session, { ...places(), ...flags }, io));
    });
  addRemoteFlags(sessions.command('log'))
    .description('every durable event of a session, as it stands in its log')
    .argument('<session>', 'an id, a prefix of one, or -1 for the newest')
    .option('--json', 'one event per line, whole')
    .action(async (session: string, flags: RemoteFlags & { json?: boolean }) => {
      const { logSession } = await import('./commands/sessions-log.ts');
      done(await logSession(session, { ...places(), ...flags }, io));
    });
  addKeeping(sessions, io, done, places);
  addSnapshots(sessions, io, done, places);
}

/** What one does with sessions that are there. */
function addKeeping(sessions: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  addRemoteFlags(sessions.command('search'))
    .description('sessions in which words were said: titles, messages, results of tools')
    .argument('<words...>', 'all must be in one message; what is in quotes is a phrase')
    .option('--json', 'one object per line')
    .option('--here', 'this folder alone')
    .option('--starred', 'only those with a star')
    .option('--limit <n>', 'so many at most, best first (default: 20)', limit)
    .option('--page <page>', 'from where an answer before said that there are more')
    .action(async (words: string[], flags: SearchFlags) => {
      const { searchSessions } = await import('./commands/sessions-search.ts');
      done(await searchSessions(words, { ...places(), ...flags }, io));
    });
  addRemoteFlags(sessions.command('title'))
    .description('name a session')
    .argument('<session>', SESSION)
    .argument('<title...>', 'its title')
    .option('--json', 'one object')
    .action(async (session: string, title: string[], flags: RemoteFlags & { json?: boolean }) => {
      const { titleSession } = await import('./commands/sessions-title.ts');
      done(await titleSession(session, title.join(' '), { ...places(), ...flags }, io));
    });
  addRemoteFlags(sessions.command('star'))
    .description('give a session a star, or take it away')
    .argument('<session>', SESSION)
    .option('--off', 'take it away')
    .option('--json', 'one object')
    .action(async (session: string, flags: RemoteFlags & { off?: boolean; json?: boolean }) => {
      const { starSession } = await import('./commands/sessions-star.ts');
      done(await starSession(session, { ...places(), ...flags }, io));
    });
  addRemoteFlags(sessions.command('fork'))
    .description('another session that begins with what was said in this one, up to the end of a turn')
    .argument('<session>', SESSION)
    .option('--at <turn>', 'the turn, by its number or its last message (default: the last that has ended)')
    .option('--title <title>', 'its title (default: the same, with "(fork)")')
    .option('--json', 'one object')
    .action(async (session: string, flags: RemoteFlags & { at?: string; title?: string; json?: boolean }) => {
      const { forkSession } = await import('./commands/sessions-fork.ts');
      done(await forkSession(session, { ...places(), ...flags }, io));
    });
  addRemoteFlags(sessions.command('export'))
    .description('a whole session as JSON, or as a transcript in Markdown or HTML')
    .argument('<session>', SESSION)
    .option('--format <format>', 'json, markdown or html (default: what the name of -o says, else markdown)')
    .option('-o, --output <file>', 'write it to this file instead of stdout')
    .action(async (session: string, flags: RemoteFlags & { format?: string; output?: string }) => {
      const { exportSession } = await import('./commands/sessions-export.ts');
      done(await exportSession(session, { ...places(), ...flags }, io));
    });
  addRemoteFlags(sessions.command('delete'))
    .description('delete sessions with all that they hold')
    .argument('<session...>', 'ids, or prefixes')
    .option('--json', 'one object per line')
    .action(async (ids: string[], flags: RemoteFlags & { json?: boolean }) => {
      const { deleteSessions } = await import('./commands/sessions-delete.ts');
      done(await deleteSessions(ids, { ...places(), ...flags }, io));
    });
}
