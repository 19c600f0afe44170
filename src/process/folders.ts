import { isAbsolute, join } from 'node:path';

/** Where Yonder keeps things. All absolute; none is made by asking for it. */
export interface Folders {
  readonly config: string;
  readonly data: string;
  readonly cache: string;
  readonly state: string;
  /** Sockets and the like, gone after a reboot where the system has a folder for that. */
  readonly runtime: string;
}

export interface FolderOptions {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whole folders named by the caller (flags, variables); they win over everything else. */
  readonly overrides?: { readonly [Name in keyof Folders]?: string | undefined };
}

/**
 * The folders of the XDG Base Directory Specification with `yonder` in each. A relative path in an XDG variable is
 * invalid by that specification and is passed over.
 */
export function folders(options: FolderOptions): Folders {
  const { home, env, overrides = {} } = options;
  const base = (variable: string, fallback: string): string => {
    const value = env[variable];
    return join(value !== undefined && isAbsolute(value) ? value : fallback, 'yonder');
  };
  const state = overrides.state ?? base('XDG_STATE_HOME', join(home, '.local', 'state'));
  const runtimeBase = env['XDG_RUNTIME_DIR'];
  const hasRuntimeBase = runtimeBase !== undefined && isAbsolute(runtimeBase);
  return {
    config: overrides.config ?? base('XDG_CONFIG_HOME', join(home, '.config')),
    data: overrides.data ?? base('XDG_DATA_HOME', join(home, '.local', 'share')),
    cache: overrides.cache ?? base('XDG_CACHE_HOME', join(home, '.cache')),
    state,
    runtime: overrides.runtime ?? (hasRuntimeBase ? join(runtimeBase, 'yonder') : join(state, 'run')),
  };
}
