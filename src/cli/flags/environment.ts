import { SETTINGS } from '../../config/settings-table.ts';
import { variableOf } from '../../config/variable-of.ts';
import type { PlaceFlags } from './run-flags.ts';

type Env = Readonly<Record<string, string | undefined>>;

type Place = 'config_dir' | 'data_dir' | 'cache_dir' | 'session_db' | 'log_file';

/** A place from the environment, by the table of precedence. An empty value counts as none. */
export function placeFrom(env: Env, place: Place): string | undefined {
  const { env: name } = SETTINGS[place];
  return name === undefined ? undefined : variableOf(env, name)?.value;
}

/** Flags win over variables. */
export function withEnvironment<Flags extends PlaceFlags>(flags: Flags, env: Env): Flags {
  const filled: PlaceFlags = {
    ...optional('configDir', placeFrom(env, 'config_dir')),
    ...optional('dataDir', placeFrom(env, 'data_dir')),
    ...optional('cacheDir', placeFrom(env, 'cache_dir')),
    ...optional('sessionDb', placeFrom(env, 'session_db')),
  };
  return { ...filled, ...flags };
}

function optional(key: keyof PlaceFlags, value: string | undefined): PlaceFlags {
  return value === undefined ? {} : { [key]: value };
}
