import { type Command, Option } from 'commander';
import type { Scope } from '../protocol/context.ts';
import type { PlaceFlags } from './flags/run-flags.ts';
import { addServeFlags, type ServeFlags } from './serve/serve-flags.ts';
import type { TokenFlags } from './serve/serve-token.ts';
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

/** As in the contract; spelt out here, since the command line loads no schema. */
const SCOPES: Scope[] = ['read', 'run', 'approve', 'admin'];

const TOKEN_EXAMPLES = `
Examples:
  yonder serve token ci >> tokens.yaml                   it may look and run; a person answers its questions
  yonder serve token ann --scope admin >> tokens.yaml
  yonder serve api team.yaml --auth-tokens tokens.yaml`;

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
  serve
    .command('token')
    .description('make a token for one person or program, and its entry for --auth-tokens')
    .argument('<principal>', 'whose it is: everything that is begun with it belongs to that name')
    .addOption(
      new Option('--scope <scope...>', 'what it may: see, run, answer questions, or everything')
        .choices(SCOPES)
        .default(['read', 'run']),
    )
    .option('--approve-own', 'it may answer the questions of runs that it started')
    .option('--expires <date>', 'the last day that it counts, e.g. 2027-01-31, or a time with its zone')
    .option('--token-file <file>', 'a new file that gets the token; without it the token is shown, once')
    .addHelpText('after', TOKEN_EXAMPLES)
    .action(async (principal: string, flags: TokenFlags) => {
      const { serveToken } = await import('./serve/serve-token.ts');
      done(await serveToken(principal, flags, io));
    });
}
