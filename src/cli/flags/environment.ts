import type { PlaceFlags } from './run-flags.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Ours first, then the peer's names, new and old (reference/docker-agent.md 4.1). */
const PREFIXES = ['YONDER_', 'DOCKER_AGENT_', 'CAGENT_'];

/** A setting from the environment, by the name that follows the prefix. An empty value counts as none. */
export function setting(env: Env, name: string): string | undefined {
  return PREFIXES.map((prefix) => env[`${prefix}${name}`]).find(
    (value) => value !== undefined && value !== '',
  );
}

/** Flags win over variables. */
export function withEnvironment<Flags extends PlaceFlags>(flags: Flags, env: Env): Flags {
  const filled: PlaceFlags = {
    ...optional('logFile', setting(env, 'LOG_FILE')),
    ...optional('configDir', setting(env, 'CONFIG_DIR')),
    ...optional('dataDir', setting(env, 'DATA_DIR')),
    ...optional('cacheDir', setting(env, 'CACHE_DIR')),
    ...optional('sessionDb', setting(env, 'SESSION_DB')),
  };
  return { ...filled, ...flags };
}

function optional(key: keyof PlaceFlags, value: string | undefined): PlaceFlags {
  return value === undefined ? {} : { [key]: value };
}
