import { YonderError } from '../protocol/errors.ts';
import type { ProjectConfig } from './project-config.ts';
import {
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type SettingRow,
  type SettingValues,
} from './settings-table.ts';
import type { Place } from './shape.ts';
import type { Alias, UserConfig } from './user-config.ts';
import { type Env, variableOf } from './variable-of.ts';

/** What the settings are found in. */
export interface SettingSources {
  /** What flags say, by the setting's name; absent or undefined where none was typed. */
  flags: { readonly [Name in SettingName]?: SettingValues[Name] | undefined };
  env: Env;
  /** The alias that was named, followed to its end. */
  alias?: { name: string; alias: Alias } | undefined;
  /** The nearest first. */
  projects: readonly ProjectConfig[];
  user: UserConfig;
}

export type OriginKind = 'flag' | 'env' | 'alias' | 'project' | 'user' | 'default';

export interface Setting<Value> {
  value: Value;
  kind: OriginKind;
  /** For a person: the flag, the variable, `file:line`, or `default`. */
  origin: string;
}
export type Settings = { readonly [Name in SettingName]: Setting<SettingValues[Name]> };

/** Every setting with its origin, by the one table. */
export function resolveSettings(sources: SettingSources): Settings {
  const entries = SETTING_NAMES.map((name) => [name, resolveSetting(name, sources)]);
  // One entry for each name of the table, by the table's own types.
  return Object.fromEntries(entries) as Settings;
}

function resolveSetting<Name extends SettingName>(
  name: Name,
  sources: SettingSources,
): Setting<SettingValues[Name]> {
  const row: SettingRow<SettingValues[Name]> = SETTINGS[name];
  const said = saidOf(name, row, sources);
  if (row.adds === true && said.length > 0) return together(said);
  const [strongest] = said;
  checkSaid(row, strongest);
  const base = strongest ?? { value: row.fallback, kind: 'default', origin: 'default' };
  return typeof row.project === 'function' && base.kind !== 'flag' && base.kind !== 'env'
    ? tightened(name, row.project, base, sources.projects)
    : base;
}

/** What counts is judged where it comes from: a flag, or a variable that somebody set long ago. */
function checkSaid<Value>({ check }: SettingRow<Value>, said: Setting<Value> | undefined): void {
  if (said === undefined || (said.kind !== 'flag' && said.kind !== 'env')) return;
  const problem = typeof said.value === 'string' ? check?.(said.value) : undefined;
  if (problem !== undefined) throw new YonderError('invalid_request', `${said.origin} ${problem}`);
}

type Said<Name extends SettingName> = Setting<SettingValues[Name]>;

/** All who say it, the strongest first; a project that only tightens is not among them. */
function saidOf<Name extends SettingName>(
  name: Name,
  row: SettingRow<SettingValues[Name]>,
  { flags, env, alias, projects, user }: SettingSources,
): Said<Name>[] {
  const said: Said<Name>[] = [];
  const typed = flags[name];
  if (typed !== undefined) said.push({ value: typed, kind: 'flag', origin: row.flag ?? name });
  const variable = row.env === undefined ? undefined : variableOf(env, row.env);
  if (variable !== undefined) {
    // Settings that a variable may say are texts.
    said.push({ value: variable.value as SettingValues[Name], kind: 'env', origin: variable.variable });
  }
  const { presence } = row;
  if (presence !== undefined && (env[presence.variable] ?? '') !== '') {
    said.push({ value: presence.value, kind: 'env', origin: presence.variable });
  }
  if (row.alias === true && alias !== undefined) {
    const value = ofAlias(alias.alias)[name];
    const origin = `alias ${alias.name} (${placeIn(user, `aliases.${alias.name}`)})`;
    if (value !== undefined) said.push({ value, kind: 'alias', origin });
  }
  if (row.project === 'sets') {
    for (const project of projects) {
      const value = ofProject(project, name);
      if (value !== undefined) said.push({ value, kind: 'project', origin: placeIn(project, name) });
    }
  }
  if (row.user !== undefined && user.places.has(row.user)) {
    const value = ofUser<Name>(user, row.user);
    if (value !== undefined) said.push({ value, kind: 'user', origin: placeIn(user, row.user) });
  }
  return said;
}

/** What a project says beside the places below it: the tighter counts, and the origin is whoever was. */
function tightened<Name extends SettingName>(
  name: Name,
  tighten: (theirs: SettingValues[Name], others: SettingValues[Name]) => SettingValues[Name],
  base: Said<Name>,
  projects: readonly ProjectConfig[],
): Said<Name> {
  return projects.reduce((before, project) => {
    const theirs = ofProject<Name>(project, name);
    if (theirs === undefined) return before;
    const value = tighten(theirs, before.value);
    if (value === before.value) return before;
    return { value, kind: 'project', origin: placeIn(project, name) };
  }, base);
}

function together<Name extends SettingName>(said: readonly Said<Name>[]): Said<Name> {
  const values = said.flatMap(({ value }) => (Array.isArray(value) ? (value as unknown[]) : []));
  const [first] = said;
  return {
    // Rows that add are lists.
    value: [...new Set(values)] as unknown as SettingValues[Name],
    kind: first?.kind ?? 'default',
    origin: said.map(({ origin }) => origin).join(', '),
  };
}

function ofAlias(alias: Alias): Partial<SettingValues> {
  return {
    ...(alias.model === undefined ? {} : { model: [alias.model] }),
    ...(alias.yolo === true ? { safety: 'autonomous' } : {}),
    ...(alias.hide_tool_results === undefined ? {} : { hide_tool_results: alias.hide_tool_results }),
  };
}

function ofProject<Name extends SettingName>(
  project: ProjectConfig,
  name: Name,
): SettingValues[Name] | undefined {
  const { default_model, safety } = project;
  const values: Partial<SettingValues> = {
    ...(default_model === undefined ? {} : { default_model }),
    ...(safety === undefined ? {} : { safety }),
  };
  return values[name];
}

/** The value at a path of the table; its shape was checked when the file was read. */
function ofUser<Name extends SettingName>(user: UserConfig, path: string): SettingValues[Name] | undefined {
  let value: unknown = user;
  for (const key of path.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value as SettingValues[Name] | undefined;
}

/** `file:line`. */
export function placeIn(
  { file, places }: { file: string; places: ReadonlyMap<string, Place> },
  path: string,
): string {
  const place = places.get(path);
  return place === undefined ? file : `${file}:${place.line}`;
}
