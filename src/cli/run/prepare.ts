import { resolve } from 'node:path';
import { readUserConfig, rulesForFolder, type UserConfig } from '../../config/user-config.ts';
import type { Backend } from '../../protocol/backend.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { Unattended } from '../../protocol/permissions.ts';
import { addGivenValues } from '../../runtime/redact/sources.ts';
import { explainPattern } from '../../runtime/decisions/patterns.ts';
import { refuseMisspelt } from '../flags/misspelt.ts';
import { refuseContradictions } from '../flags/contradictions.ts';
import { readEnvFiles } from '../flags/env-file.ts';
import { setting, withEnvironment } from '../flags/environment.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import type { PayloadInput } from '../payloads.ts';
import { placesOf, type Places } from '../places.ts';
import { looking } from '../request-context.ts';
import { type ChosenTeam, isTeam, namedTeam, unnamedTeam } from '../team-argument.ts';
import { canAsk, type Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { uploadCassette, uploadPromptFiles } from './uploads.ts';

/** A command line of `run`, understood. */
export interface Prepared {
  flags: RunFlags;
  places: Places;
  config: UserConfig;
  /** Absent where a session is resumed with its pinned team. */
  team: ChosenTeam | undefined;
  /** Words that are messages. */
  words: string[];
  /** Absolute. */
  workingDir: string;
  unattended: Unattended;
}

/** Reads flags, variables, configuration and the team; no Host yet, and no effect. */
export async function prepare(
  given: RunFlags,
  words: readonly string[],
  io: Io,
  output: Output,
  commands: readonly string[] = [],
): Promise<Prepared> {
  const typed = withEnvironment(given, io.env);
  refuseContradictions(typed);
  const places = placesOf(typed, io);
  const config = await readUserConfig(places.configFile);
  const workingDir = resolve(io.cwd, typed.workingDir ?? '.');
  const resumes = typed.session !== undefined || typed.continue === true;
  const [first, ...others] = words;
  // A resumed session has its team, so that stdin is a message there.
  const isMessage = first === '-' && resumes;
  const isNamed = first !== undefined && !isMessage && (await isTeam(first, config.aliases, io));
  if (!isNamed) refuseMisspelt(first, commands);
  const team = isNamed
    ? await namedTeam(first, config.aliases, io)
    : resumes
      ? undefined
      : await unnamedTeam(workingDir, io);
  const flags = withSettings(typed, config, team);
  for (const pattern of [...(flags.allow ?? []), ...(flags.askFor ?? []), ...(flags.deny ?? [])]) {
    for (const warning of explainPattern(pattern).warnings) output.note(`warning: ${warning}`);
  }
  return {
    flags,
    places,
    config,
    team,
    words: isNamed ? others : [...words],
    workingDir,
    unattended: flags.ask ?? (canAsk(io) && flags.safety !== 'restricted' ? 'wait' : 'refuse'),
  };
}

/** What an alias and the user's settings say where no flag does. */
function withSettings(flags: RunFlags, config: UserConfig, team: ChosenTeam | undefined): RunFlags {
  const alias = team?.alias;
  const yolo = flags.safety === undefined && (alias?.yolo ?? config.settings?.YOLO) === true;
  const hide = alias?.hide_tool_results ?? config.settings?.hide_tool_results;
  return {
    ...(alias?.model === undefined ? {} : { model: [alias.model] }),
    ...(yolo ? { yolo } : {}),
    ...(hide === undefined ? {} : { hideToolResults: hide }),
    ...flags,
  };
}

/** The requests' input: what has to be read and uploaded is read and uploaded here. The signal ends the wait for a pipe. */
export async function gather(
  prepared: Prepared,
  backend: Backend,
  io: Io,
  signal?: AbortSignal,
): Promise<PayloadInput> {
  const { flags, config, team, workingDir } = prepared;
  const env = await readEnvFiles(
    (flags.envFromFile ?? []).map((file) => resolve(io.cwd, file)),
    signal,
  );
  // Before anything is uploaded: what is kept of it holds none of these.
  if (io.secrets !== undefined) addGivenValues(io.secrets, env);
  return {
    flags,
    cwd: io.cwd,
    source: team?.source,
    resume: await resumed(prepared, backend),
    userPermissions: rulesForFolder(config, workingDir),
    passEnv: config.settings?.pass_env,
    env,
    defaultModel: setting(io.env, 'DEFAULT_MODEL') ?? config.default_model,
    modelsGateway: setting(io.env, 'MODELS_GATEWAY') ?? config.models_gateway,
    unattended: prepared.unattended,
    cassetteUpload:
      flags.fake === undefined ? undefined : await uploadCassette(backend, io.cwd, flags.fake, signal),
    promptFiles: await uploadPromptFiles(backend, io.cwd, flags.promptFile ?? [], signal),
  };
}

/** The session to go on with: what `--session` names, or the newest of the folder. */
async function resumed({ flags, workingDir }: Prepared, backend: Backend): Promise<string | undefined> {
  if (flags.continue !== true) return flags.session;
  const { sessions } = await backend.listSessions(looking(), { cwd: workingDir, limit: 1 });
  const [newest] = sessions;
  if (newest === undefined) {
    throw new YonderError(
      'not_found',
      `--continue: no session has worked in ${workingDir} yet; begin one with a message`,
    );
  }
  return newest.session_id;
}
