import type { Command } from 'commander';
import type { AliasFlags } from './commands/alias.ts';
import { addSettingFlags, type PlaceFlags, type RunFlags } from './flags/run-flags.ts';
import { refuseUnknown } from './flags/misspelt.ts';
import type { Io } from './terminal/io.ts';

type Done = (exit: number) => void;

/** `config` and `alias`: what a person set up. */
export function addConfig(program: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  const config = program
    .command('config')
    .description('your configuration: what holds here, and who says so');
  refuseUnknown(config);
  const show = config
    .command('show', { isDefault: true })
    .description('each setting with where it comes from: flag, variable, file and line, or default')
    .option('--json', 'one object per line')
    .action(async (flags: RunFlags) => {
      const { showConfig } = await import('./commands/config-show.ts');
      done(await showConfig({ ...places(), ...flags }, io));
    });
  addSettingFlags(show);
  config
    .command('get')
    .description('one setting, its value alone')
    .argument('<name>', 'as config show has it')
    .action(async (name: string) => {
      const { getConfig } = await import('./commands/config-show.ts');
      done(await getConfig(name, places(), io));
    });
  config
    .command('set')
    .description('write one key of your configuration')
    .argument('<key>', 'e.g. default_model or settings.snapshot')
    .argument('<value>', 'as it would stand in the file')
    .action(async (key: string, value: string) => {
      const { setConfig } = await import('./commands/config-set.ts');
      done(await setConfig(key, value, places(), io));
    });
  config
    .command('path')
    .description('where your configuration is')
    .action(async () => {
      const { configPath } = await import('./commands/config-show.ts');
      done(await configPath(places(), io));
    });
  config
    .command('import')
    .description("take over docker-agent's configuration, once; yours is never overwritten")
    .argument('[file]', 'default: where docker-agent keeps it')
    .option('--json', 'one object per line')
    .action(async (file: string | undefined, flags: { json?: boolean }) => {
      const { importConfig } = await import('./commands/config-import.ts');
      done(await importConfig(file, { ...places(), ...flags }, io));
    });
  addAlias(program, io, done, places);
}

function addAlias(program: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  const alias = program.command('alias').description('short names for teams: yonder NAME "message"');
  refuseUnknown(alias);
  alias
    .command('list', { isDefault: true })
    .description('your aliases')
    .option('--json', 'one object per line')
    .action(async (flags: { json?: boolean }) => {
      const { listAliases } = await import('./commands/alias.ts');
      done(await listAliases({ ...places(), ...flags }, io));
    });
  alias
    .command('add')
    .description('name a team, or give a name another team')
    .argument('<name>', 'letters, digits, - and _')
    .argument('<team>', 'a team file, folder, URL, built-in name or other alias')
    .option('--model <model>', 'with another model')
    .option('--yolo', 'with --yolo')
    .option('--hide-tool-results', 'with --hide-tool-results')
    .action(async (name: string, team: string, flags: AliasFlags) => {
      const { addAliasCommand } = await import('./commands/alias.ts');
      done(await addAliasCommand(name, team, { ...places(), ...flags }, io));
    });
  alias
    .command('remove')
    .description('take a name back')
    .argument('<name>', 'as it is listed')
    .action(async (name: string) => {
      const { removeAliasCommand } = await import('./commands/alias.ts');
      done(await removeAliasCommand(name, places(), io));
    });
}
