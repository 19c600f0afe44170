import type { SettingSources } from '../../config/settings.ts';
import type { RunFlags } from './run-flags.ts';

/** What was typed, by the names of the table of precedence. */
export function flagSettings(flags: RunFlags): SettingSources['flags'] {
  return {
    models_gateway: flags.modelsGateway,
    model: flags.model,
    safety: flags.yolo === true ? 'autonomous' : flags.safety,
    snapshot: flags.snapshots,
    hide_tool_results: flags.hideToolResults,
    hide_tool_calls: flags.hideToolCalls,
    pass_env: flags.passEnv,
    config_dir: flags.configDir,
    data_dir: flags.dataDir,
    cache_dir: flags.cacheDir,
    session_db: flags.sessionDb,
    log_file: flags.logFile,
  };
}
