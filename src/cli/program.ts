import { Argument, Command } from 'commander';
import { refuseUnknown } from './flags/misspelt.ts';
import { addPlaceFlags, addRunFlags, type PlaceFlags, type RunFlags } from './flags/run-flags.ts';
import { addRemoteFlags, type RemoteFlags } from './remote/remote-flags.ts';
import { addAuth } from './program-auth.ts';
import { addConfig } from './program-config.ts';
import { addMcp } from './program-mcp.ts';
import { addRemote } from './program-remote.ts';
import { addServe } from './program-serve.ts';
import { addSessions } from './program-sessions.ts';
import type { Io } from './terminal/io.ts';
import { VERSION } from './version.ts';

type Done = (exit: number) => void;

const EXAMPLES = `
Examples:
  yonder "fix the failing test"            ask the project's team, or the built-in one
  yonder team.yaml "review the last commit"
  git diff | yonder --exec -               read the message from stdin
  yonder run --continue                    go on where this folder's last session was
  yonder team.yaml --dry-run               check a team, change nothing
  yonder demo                              see it work, without a key

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 refused, 4 not reachable, 5 not supported, 130 interrupted.`;

const RUN_EXAMPLES = `
The first word is a team if it exists, is a URL, an alias or a built-in name (default, coder), or ends in .yaml, .yml or .hcl;
else it is a message for the project's team, or for the built-in one. Several messages are runs one after the other.

Examples:
  yonder run team.yaml "first do this" "then that"
  yonder run coder --accept-edits "add a --version flag"
  yonder run team.yaml --exec --json "list the files" | jq -r .type
  yonder run --session -1 "and now the tests"
  yonder run team.yaml --allow "shell:cmd=npm test *" --deny "shell:cmd=git push *" "make the tests pass"`;

/** The whole command line. Nothing is loaded before a command runs. */
export function buildProgram(io: Io, done: Done): Command {
  const program = new Command('yonder')
    .description('Runs teams of AI agents that are described in one YAML file.')
    .version(`yonder ${VERSION}`, '-V, --version', 'the version')
    .helpOption('-h, --help', 'help, also: yonder help <command>')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showSuggestionAfterError(true)
    .showHelpAfterError('(yonder --help shows all flags)')
    .addHelpText('after', EXAMPLES);
  addPlaceFlags(program);
  const places = (): PlaceFlags => program.opts<PlaceFlags>();
  addRun(program, io, done);
  addServe(program, io, done, places);
  addRemote(program, io, done, places);
  addSessions(program, io, done, places);
  addLooking(program, io, done, places);
  addPermissions(program, io, done, places);
  addConfig(program, io, done, places);
  addAuth(program, io, done, places);
  addMcp(program, io, done, places);
  return program;
}

function addRun(program: Command, io: Io, done: Done): void {
  program.commandsGroup('Work:');
  const run = program
    .command('run', { isDefault: true })
    .description('send messages to a team; the default command')
    .argument('[team]', 'a team file, folder, URL, alias or built-in name')
    .argument('[message...]', 'messages; - is stdin')
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (team: string | undefined, messages: string[], _flags: RunFlags, command: Command) => {
      const words = team === undefined ? messages : [team, ...messages];
      const { run: act } = await import('./commands/run.ts');
      const commands = program.args[0] === 'run' ? [] : program.commands.map((other) => other.name());
      done(await act(command.optsWithGlobals<RunFlags>(), words, io, commands));
    });
  addRunFlags(run);
  program
    .command('demo')
    .description('see a team of two agents work in a scratch folder, without a key')
    .action(async () => {
      const { demo } = await import('./commands/demo.ts');
      done(await demo(io));
    });
}

function addLooking(program: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  addRemoteFlags(program.command('models'))
    .description('the models that can be named, their prices, and whether their key is there')
    .argument('[word]', 'only those whose name has this in it')
    .option('--json', 'one object per line')
    .action(async (word: string | undefined, flags: { json?: boolean } & RemoteFlags) => {
      const { models } = await import('./commands/models.ts');
      done(await models(word, { ...places(), ...flags }, io));
    });
  addRemoteFlags(program.command('doctor'))
    .description('what is here and what is missing: node, keys, proxy, shell, git, store, confinement')
    .option('--json', 'one object per line')
    .action(async (flags: { json?: boolean } & RemoteFlags) => {
      const { doctor } = await import('./commands/doctor.ts');
      done(await doctor({ ...places(), ...flags }, io));
    });
  program
    .command('schema')
    .description('the JSON Schema of a team file, or of a policy')
    .addArgument(new Argument('[of]', 'whose').choices(['team', 'policy']).default('team'))
    .action(async (of: 'team' | 'policy') => {
      const { schema } = await import('./commands/schema.ts');
      done(await schema(io, of));
    });
  program
    .command('completion')
    .description('a completion script: eval "$(yonder completion bash)"')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string) => {
      const { completion } = await import('./commands/completion.ts');
      done(await completion(shell, program, io));
    });
  program
    .command('version')
    .description('the version')
    .action(() => {
      io.stdout.write(`yonder ${VERSION}\n`);
    });
}

function addPermissions(program: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  program.commandsGroup('Set up:');
  const permissions = program
    .command('permissions')
    .description('your own rules, by folder, and the found teams that you trust');
  refuseUnknown(permissions);
  permissions
    .command('list', { isDefault: true })
    .description(
      'the rules that count in this folder, those of other folders, and the found teams that you trust',
    )
    .option('--json', 'one object per line')
    .action(async (flags: { json?: boolean }) => {
      const { listPermissions } = await import('./commands/permissions-list.ts');
      done(await listPermissions({ ...places(), ...flags }, io));
    });
  permissions
    .command('add')
    .description('add a rule for a folder')
    .argument('<pattern>', 'e.g. "shell:cmd=npm test *"')
    .option('--ask-for', 'ask about such calls (default: allow them)')
    .option('--deny', 'never run such calls')
    .option('--folder <folder>', 'the folder (default: this one)')
    .action(async (pattern: string, flags: { askFor?: boolean; deny?: boolean; folder?: string }) => {
      const { addPermission } = await import('./commands/permissions-add.ts');
      done(await addPermission(pattern, { ...places(), ...flags }, io));
    });
  permissions
    .command('remove')
    .description('take a rule of a folder back, or your yes to a team that was found')
    .argument('<pattern>', 'a rule as it is listed, or the team file, e.g. yonder.yaml')
    .option('--folder <folder>', 'the folder (default: this one)')
    .action(async (pattern: string, flags: { folder?: string }) => {
      const { removePermission } = await import('./commands/permissions-remove.ts');
      done(await removePermission(pattern, { ...places(), ...flags }, io));
    });
}
