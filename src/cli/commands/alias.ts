import { resolve } from 'node:path';
import { addAlias, removeAlias } from '../../config/aliases.ts';
import { type Alias, readUserConfig } from '../../config/user-config.ts';
import { YonderError } from '../../protocol/errors.ts';
import { BUILT_IN_TEAM_NAMES } from '../../team/index.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import { reservedNames } from '../reserved-names.ts';
import { pathExists } from '../team-argument.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';
import type { LookFlags } from './with-backend.ts';

export interface AliasFlags extends PlaceFlags {
  model?: string;
  yolo?: boolean;
  hideToolResults?: boolean;
}

/** `yonder alias list [--json]` */
export async function listAliases(flags: LookFlags, io: Io): Promise<number> {
  const output = new Output(io);
  const { configFile } = placesOf(withEnvironment(flags, io.env), io);
  const { aliases } = await readUserConfig(configFile, { reserved: reservedNames(io) });
  for (const [name, alias] of Object.entries(aliases)) {
    await output.text(
      flags.json === true
        ? `${JSON.stringify({ name, ...alias })}\n`
        : `${name}  ${alias.path}${flagsOf(alias)}\n`,
    );
  }
  if (Object.keys(aliases).length === 0)
    output.note(`no aliases yet; one is made by: yonder alias add NAME TEAM (${configFile})`);
  return 0;
}

function flagsOf({ model, yolo, hide_tool_results }: Alias): string {
  const shown = [
    model === undefined ? '' : ` --model ${model}`,
    yolo === true ? ' --yolo' : '',
    hide_tool_results === true ? ' --hide-tool-results' : '',
  ].join('');
  return shown === '' ? '' : ` ${shown}`;
}

/** `yonder alias add <name> <team> [--model M] [--yolo] [--hide-tool-results]` */
export async function addAliasCommand(
  name: string,
  team: string,
  flags: AliasFlags,
  io: Io,
): Promise<number> {
  const { configFile } = placesOf(withEnvironment(flags, io.env), io);
  const reserved = reservedNames(io);
  const { aliases } = await readUserConfig(configFile, { reserved });
  const path = await teamPath(team, aliases, io);
  const alias: Alias = {
    path,
    ...(flags.model === undefined ? {} : { model: flags.model }),
    ...(flags.yolo === undefined ? {} : { yolo: flags.yolo }),
    ...(flags.hideToolResults === undefined ? {} : { hide_tool_results: flags.hideToolResults }),
  };
  await addAlias(configFile, name, alias, { reserved });
  await new Output(io).text(`${name}  ${path}${flagsOf(alias)}\n`);
  return 0;
}

/** Absolute for a file, so that the alias means the same from everywhere. */
async function teamPath(team: string, aliases: Readonly<Record<string, Alias>>, io: Io): Promise<string> {
  if (/^https?:\/\//i.test(team)) return team;
  const path = resolve(io.cwd, team);
  if (await pathExists(path)) return path;
  if (BUILT_IN_TEAM_NAMES.includes(team) || Object.hasOwn(aliases, team)) return team;
  throw new YonderError(
    'not_found',
    `there is no team ${team}: neither a file or folder, nor a URL, a built-in name (${BUILT_IN_TEAM_NAMES.join(', ')}) or an alias`,
  );
}

/** `yonder alias remove <name>` */
export async function removeAliasCommand(name: string, flags: PlaceFlags, io: Io): Promise<number> {
  const { configFile } = placesOf(withEnvironment(flags, io.env), io);
  await removeAlias(configFile, name);
  await new Output(io).text(`removed ${name}\n`);
  return 0;
}
