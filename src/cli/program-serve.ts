import type { Command } from 'commander';
import type { PlaceFlags } from './flags/run-flags.ts';
import { addServeFlags, type ServeFlags } from './serve/serve-flags.ts';
import type { Io } from './terminal/io.ts';

type Done = (exit: number) => void;

const EXAMPLES = `
Each team is served by the name of its file, a folder by all *.yaml in it; without any, the built-in teams are. Teams that are
files here are trusted; one by URL is when its client says yes to it, or with --trust.

Examples:
  yonder serve api                                       the built-in teams, on 127.0.0.1:8080
  yonder serve api team.yaml --listen 0.0.0.0:8080 --tls-cert cert.pem --tls-key key.pem
  yonder serve api teams/ --listen unix:///run/yonder/api.sock
  yonder serve api team.yaml --fake cassette.yaml        every session plays a cassette
  yonder run --remote http://127.0.0.1:8080 --token TOKEN review "look at the last commit"`;

/** `yonder serve ...` */
export function addServe(program: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  program.commandsGroup('Serve:');
  const serve = program.command('serve').description('let others use the sessions and teams of this machine');
  addServeFlags(
    serve
      .command('api')
      .description('a server that runs and keeps sessions for clients: yonder run --remote')
      .argument('[team...]', 'teams to serve: files, folders, URLs, aliases or built-in names'),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (teams: string[], flags: Omit<ServeFlags, keyof PlaceFlags>) => {
      const { serveApi } = await import('./serve/serve-api.ts');
      done(await serveApi({ ...places(), ...flags }, teams, io));
    });
}
