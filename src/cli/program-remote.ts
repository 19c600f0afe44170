import type { Command } from 'commander';
import type { PlaceFlags } from './flags/run-flags.ts';
import type { Io } from './terminal/io.ts';

type Done = (exit: number) => void;

/** `yonder remote ...`: names for servers. */
export function addRemote(program: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  const remote = program
    .command('remote')
    .description('names for servers: yonder run --remote NAME "message"');
  remote
    .command('list', { isDefault: true })
    .description('the servers that you named; tokens are not shown')
    .option('--json', 'one object per line')
    .action(async (flags: { json?: boolean }) => {
      const { listRemotes } = await import('./commands/remote.ts');
      done(await listRemotes({ ...places(), ...flags }, io));
    });
  remote
    .command('add')
    .description('name a server, or give a name another server')
    .argument('<name>', 'letters, digits, - _ and .')
    .argument('<url>', 'http(s)://host:port, unix:///path/to/socket, or ssh://[user@]host')
    .option('--token <token>', 'what the server wants to see; others may read it in your shell history')
    .option('--token-file <file>', 'a file with the token')
    .action(async (name: string, url: string, flags: { token?: string; tokenFile?: string }) => {
      const { addRemote: add } = await import('./commands/remote.ts');
      done(await add(name, url, { ...places(), ...flags }, io));
    });
  remote
    .command('remove')
    .description('forget a name, and its token')
    .argument('<name>', 'as it is listed')
    .action(async (name: string) => {
      const { removeRemote } = await import('./commands/remote.ts');
      done(await removeRemote(name, places(), io));
    });
}
