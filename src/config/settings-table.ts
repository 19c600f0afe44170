import { DEFAULT_SAFETY, stricterSafety, type Safety } from '../protocol/permissions.ts';
import { modelProblem, webAddress } from './user-shape.ts';

/** Every setting that can come from more than one place, and its type. */
export interface SettingValues {
  models_gateway: string | undefined;
  default_model: string | undefined;
  model: readonly string[];
  safety: Safety | undefined;
  snapshot: boolean;
  hide_tool_results: boolean;
  hide_tool_calls: boolean;
  colour: 'auto' | 'never';
  pass_env: readonly string[];
  credential_helper: readonly string[];
  config_dir: string | undefined;
  data_dir: string | undefined;
  cache_dir: string | undefined;
  session_db: string | undefined;
  log_file: string | undefined;
}
export type SettingName = keyof SettingValues;

/** Where a setting may come from. What a row does not name does not count for it. */
export interface SettingRow<Value> {
  about: string;
  /** As it is typed. */
  flag?: string;
  /** Behind YONDER_, DOCKER_AGENT_ and CAGENT_, in this order. */
  env?: string;
  /** A variable whose mere presence means this value (no-color.org). */
  presence?: { variable: string; value: Value };
  /** A key of an alias that was named. */
  alias?: boolean;
  /** Of the project's configuration: `sets` it, or `tightens` what the places below say; undefined where it may not say it. */
  project?: 'sets' | ((theirs: Value, others: Value) => Value);
  /** The path of its key in the user's configuration. */
  user?: string;
  /** What is wrong with a value of a flag or a variable; those of files are checked when they are read. */
  check?: (value: string) => string | undefined;
  /** All places that say something are put together. */
  adds?: boolean;
  fallback: Value;
  /** What the default means, where it is not a value. */
  meaning?: string;
}

/** A mode that is no stricter than what would hold without it says nothing: it could only undo what a team says. */
function tighterSafety(theirs: Safety | undefined, others: Safety | undefined): Safety | undefined {
  const floor = others ?? DEFAULT_SAFETY;
  const stricter = stricterSafety(theirs ?? floor, floor);
  return stricter === floor ? others : stricter;
}

/**
 * The precedence of Yonder, in one place: flag, then variable, then an alias that was named, then the project's configuration (where a row lets it), then the
 * user's configuration, then the default. `config show`, every run and docs/configuration.md follow it.
 */
export const SETTINGS: { readonly [Name in SettingName]: SettingRow<SettingValues[Name]> } = {
  models_gateway: {
    about: 'requests to models go there',
    flag: '--models-gateway',
    env: 'MODELS_GATEWAY',
    user: 'models_gateway',
    check: webAddress,
    fallback: undefined,
    meaning: 'none: each provider itself',
  },
  default_model: {
    about: 'what `model: auto` is',
    env: 'DEFAULT_MODEL',
    project: 'sets',
    user: 'default_model',
    check: modelProblem,
    fallback: undefined,
    meaning: 'the first provider with a key',
  },
  model: {
    about: 'models in place of those of the team',
    flag: '--model',
    alias: true,
    fallback: [],
    meaning: 'as the team says',
  },
  safety: {
    about: 'what is asked about',
    flag: '--safety, --yolo',
    alias: true,
    project: tighterSafety,
    user: 'safety',
    fallback: undefined,
    meaning: 'as the team says, else balanced',
  },
  snapshot: {
    about: 'keep the workspace of each turn, for /undo',
    flag: '--snapshots, --no-snapshots',
    user: 'settings.snapshot',
    fallback: false,
  },
  hide_tool_results: {
    about: 'no result in the line of a tool call',
    flag: '--hide-tool-results',
    alias: true,
    user: 'settings.hide_tool_results',
    fallback: false,
  },
  hide_tool_calls: {
    about: 'no line per tool call',
    flag: '--hide-tool-calls',
    user: 'settings.hide_tool_calls',
    fallback: false,
  },
  colour: {
    about: 'colours on a terminal',
    presence: { variable: 'NO_COLOR', value: 'never' },
    user: 'settings.colour',
    fallback: 'auto',
  },
  pass_env: {
    about: 'withheld variables that commands get all the same',
    flag: '--pass-env',
    user: 'pass_env',
    adds: true,
    fallback: [],
    meaning: 'none',
  },
  credential_helper: {
    about: 'a program that prints the key for a variable',
    user: 'credential_helper',
    fallback: [],
    meaning: 'none',
  },
  config_dir: {
    about: 'the folder of this configuration',
    flag: '--config-dir',
    env: 'CONFIG_DIR',
    fallback: undefined,
    meaning: '$XDG_CONFIG_HOME/yonder',
  },
  data_dir: {
    about: 'the folder of the sessions',
    flag: '--data-dir',
    env: 'DATA_DIR',
    fallback: undefined,
    meaning: '$XDG_DATA_HOME/yonder',
  },
  cache_dir: {
    about: 'the folder of what can be made again',
    flag: '--cache-dir',
    env: 'CACHE_DIR',
    fallback: undefined,
    meaning: '$XDG_CACHE_HOME/yonder',
  },
  session_db: {
    about: 'the session store',
    flag: '--session-db',
    env: 'SESSION_DB',
    fallback: undefined,
    meaning: 'session.db in the data folder',
  },
  log_file: {
    about: 'where a run notes what happens, for reports',
    flag: '--log-file',
    env: 'LOG_FILE',
    fallback: undefined,
    meaning: 'none',
  },
};

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];
