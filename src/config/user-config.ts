import { dirname } from 'node:path';
import type { PermissionRules, Safety } from '../protocol/permissions.ts';
import type { HooksConfig } from '../protocol/contract/hooks.ts';
import { checkAliases } from './check-aliases.ts';
import { checkModes } from './file-modes.ts';
import { readConfigText } from './read-config-text.ts';
import { readShape } from './read-shape.ts';
import type { Place } from './shape.ts';
import { hasPassword, USER_SHAPE } from './user-shape.ts';

/** A team under a name of the person's own, as the peer has them (reference/docker-agent.md 4.3). */
export interface Alias {
  /** A file, a folder, a URL, a built-in name or another alias. */
  path: string;
  model?: string;
  yolo?: boolean;
  hide_tool_results?: boolean;
}

export interface UserConfig {
  /** The file that this was read from, for messages. */
  readonly file: string;
  readonly places: ReadonlyMap<string, Place>;
  readonly models_gateway?: string;
  readonly default_model?: string;
  readonly safety?: Safety;
  readonly pass_env: readonly string[];
  /** A program and its arguments; the name of a variable is added to them. Empty: none. */
  readonly credential_helper: readonly string[];
  readonly aliases: Readonly<Record<string, Alias>>;
  readonly settings: {
    readonly permissions: PermissionRules;
    readonly hooks?: HooksConfig;
    readonly snapshot?: boolean;
    readonly hide_tool_results?: boolean;
    readonly hide_tool_calls?: boolean;
    readonly colour?: 'auto' | 'never';
  };
  readonly folders: Readonly<Record<string, { readonly permissions: PermissionRules }>>;
}

/** What the table lets through: all of it may be absent. */
interface Written extends Partial<Omit<UserConfig, 'settings' | 'folders' | 'file' | 'places'>> {
  settings?: Partial<UserConfig['settings']> & { permissions?: Partial<PermissionRules> };
  folders?: Record<string, { permissions?: Partial<PermissionRules> }>;
}

export interface ReadUserOptions {
  /** Names that no alias may have: built-in teams and commands. */
  reserved?: readonly string[];
}

/**
 * The user's configuration; a missing file is an empty one. What is wrong in it is `invalid_request` with `file:line:column` and what to do: an unknown key, a wrong
 * type, aliases that name each other in a circle, a file that others can change (or read, where it holds a password).
 */
export async function readUserConfig(path: string, options: ReadUserOptions = {}): Promise<UserConfig> {
  const text = await readConfigText(path);
  const config = parseUserConfig(path, text, options);
  await checkModes(path, { secret: hasPassword(config.models_gateway ?? '') });
  return config;
}

/** The same of a text that is not on disk yet. */
export function parseUserConfig(path: string, text: string, options: ReadUserOptions = {}): UserConfig {
  const { value, places } = readShape(path, text, USER_SHAPE);
  const written: Written = value;
  const config: UserConfig = {
    ...written,
    file: path,
    places,
    pass_env: written.pass_env ?? [],
    credential_helper: written.credential_helper ?? [],
    aliases: written.aliases ?? {},
    settings: { ...written.settings, permissions: fullRules(written.settings?.permissions) },
    folders: Object.fromEntries(
      Object.entries(written.folders ?? {}).map(([folder, entry]) => [
        folder,
        { permissions: fullRules(entry.permissions) },
      ]),
    ),
  };
  checkAliases(config, options.reserved ?? []);
  return config;
}

export function fullRules(rules: Partial<PermissionRules> | undefined): PermissionRules {
  return { allow: rules?.allow ?? [], ask: rules?.ask ?? [], deny: rules?.deny ?? [] };
}

/**
 * The user's own rules for a folder: those of `settings.permissions`, and of `folders.<path>`. An allow holds for that very folder; asks and denies
 * of a folder hold for all below it as well.
 */
export function rulesForFolder(
  config: Pick<UserConfig, 'settings' | 'folders'>,
  folder: string,
): PermissionRules {
  const everywhere = config.settings.permissions;
  const here = config.folders[folder]?.permissions;
  const above = [folder, ...ancestors(folder)].flatMap((path) => config.folders[path]?.permissions ?? []);
  return {
    allow: unique([...everywhere.allow, ...(here?.allow ?? [])]),
    ask: unique([...everywhere.ask, ...above.flatMap((found) => found.ask)]),
    deny: unique([...everywhere.deny, ...above.flatMap((found) => found.deny)]),
  };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [] : [above, ...ancestors(above)];
}
