import { resolve } from 'node:path';
import { resolveSettings, type Settings } from '../../config/settings.ts';
import { trustFileIn } from '../../config/trust.ts';
import { readUserConfig, rulesForFolder, type UserConfig } from '../../config/user-config.ts';
import type { Backend } from '../../protocol/backend.ts';
import { KeptReads } from '../../process/kept-reads.ts';
import type { Unattended } from '../../protocol/permissions.ts';
import { addGivenValues } from '../../runtime/redact/sources.ts';
import { explainPattern } from '../../runtime/decisions/patterns.ts';
import { refuseMisspelt } from '../flags/misspelt.ts';
import { refuseContradictions } from '../flags/contradictions.ts';
import { readEnvFiles } from '../flags/env-file.ts';
import { placeFrom, withEnvironment } from '../flags/environment.ts';
import { flagSettings } from '../flags/flag-settings.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import type { PayloadInput } from '../payloads.ts';
import { placesOf, type Places } from '../places.ts';
import { reservedNames } from '../reserved-names.ts';
import { refuseLocalMeaning } from '../remote/local-meaning.ts';
import { type RemoteServer, remoteServer } from '../remote/remote-server.ts';
import { type ChosenTeam, isTeam, namedTeam, unnamedTeam } from '../team-argument.ts';
import { canAsk, type Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { newestIn, SERVER_FOLDER } from './newest-session.ts';
import { findProject, type FoundProject, withTrust } from './project.ts';
import { uploadCassette, uploadPromptFiles } from './uploads.ts';

/** What holds in one folder, by the one table of precedence. */
export interface Settled {
  /** As if all that counts had been typed. */
  flags: RunFlags;
  settings: Settings;
  project: FoundProject;
}

/** A command line of `run`, understood. */
export interface Prepared extends Settled {
  /** The flags as they were typed. */
  typed: RunFlags;
  places: Places;
  config: UserConfig;
  /** Absent where a session is resumed with its pinned team. */
  team: ChosenTeam | undefined;
  /** Words that are messages. */
  words: string[];
  /** The server on which it happens; absent: here. */
  server: RemoteServer | undefined;
  /** Where this command looks for the project's files and for what is typed: absolute, on this machine. With a server no tool acts there. */
  workingDir: string;
  unattended: Unattended;
  /** Reads the files that flags name, also for every further session. */
  files: KeptReads;
}

/** Reads flags, variables, configuration and the team; no Host yet, and no effect. */
export async function prepare(
  given: RunFlags,
  words: readonly string[],
  io: Io,
  output: Output,
  commands: readonly string[] = [],
): Promise<Prepared> {
  const places = placesOf(withEnvironment(given, io.env), io);
  const server = await remoteServer(given, places, io);
  const typed = withLogFile(withEnvironment(given, io.env), io.env);
  refuseContradictions(typed);
  if (server !== undefined) refuseLocalMeaning(typed, server);
  const config = await readUserConfig(places.configFile, { reserved: reservedNames(io) });
  const workingDir = server === undefined ? resolve(io.cwd, typed.workingDir ?? '.') : io.cwd;
  const resumes = typed.session !== undefined || typed.continue === true;
  const [first, ...others] = words;
  // A resumed session has its team, so that stdin is a message there.
  const isMessage = first === '-' && resumes;
  const isNamed = first !== undefined && !isMessage && (await isTeam(first, config.aliases, io));
  if (!isNamed) refuseMisspelt(first, commands);
  const found = isNamed
    ? await namedTeam(first, config.aliases, io)
    : resumes
      ? undefined
      : await unnamedTeam(workingDir, io);
  const team = found === undefined || server === undefined ? found : await checkedHere(found, typed, io);
  const settled = await settle({ typed, places, config, team, workingDir, io, output });
  const { flags, settings } = settled;
  for (const pattern of [...(flags.allow ?? []), ...(flags.askFor ?? []), ...(flags.deny ?? [])]) {
    for (const warning of explainPattern(pattern).warnings) output.note(`warning: ${warning}`);
  }
  return {
    ...settled,
    typed,
    places,
    config,
    team,
    server,
    words: isNamed ? others : [...words],
    workingDir,
    files: new KeptReads(),
    unattended: flags.ask ?? (canAsk(io) && settings.safety.value !== 'restricted' ? 'wait' : 'refuse'),
  };
}

async function checkedHere(team: ChosenTeam, { model }: RunFlags, io: Io): Promise<ChosenTeam> {
  const { checkTeamHere } = await import('../remote/team-here.ts');
  return checkTeamHere(team, io.cwd, model);
}

/** Finds the project's configuration, asks about it where it must be asked about, and puts all settings together. */
export async function settle({
  typed,
  io,
  output,
  ...at
}: Pick<Prepared, 'typed' | 'places' | 'config' | 'team' | 'workingDir'> & {
  io: Io;
  output: Output;
}): Promise<Settled> {
  const project = await withTrust(await findProject({ ...at, io, hooks: typed.configHooks !== false }), {
    said: typed.trust === true,
    ask: canAsk(io) && typed.dryRun !== true,
    file: trustFileIn(at.places.data),
    io,
    output,
  });
  const settings = resolveSettings({
    flags: flagSettings(typed),
    env: io.env,
    alias: at.team?.alias === undefined ? undefined : { name: at.team.shown, alias: at.team.alias },
    projects: project.configs,
    user: at.config,
  });
  return { flags: withSettings(typed, settings), settings, project };
}

function withLogFile(flags: RunFlags, env: Io['env']): RunFlags {
  const named = placeFrom(env, 'log_file');
  return named === undefined ? flags : { logFile: named, ...flags };
}

/** The flags as if everything had been typed that was said elsewhere. What a project asks for goes its own way: it only tightens. */
function withSettings(flags: RunFlags, settings: Settings): RunFlags {
  const { model, safety, models_gateway, pass_env } = settings;
  const saidSafety = safety.kind === 'alias' || safety.kind === 'user' ? safety.value : undefined;
  return {
    ...flags,
    ...(model.value.length === 0 ? {} : { model: [...model.value] }),
    ...(saidSafety === undefined
      ? {}
      : saidSafety === 'autonomous'
        ? { yolo: true }
        : { safety: saidSafety }),
    ...(models_gateway.value === undefined ? {} : { modelsGateway: models_gateway.value }),
    ...(pass_env.value.length === 0 ? {} : { passEnv: [...pass_env.value] }),
    hideToolResults: settings.hide_tool_results.value,
    hideToolCalls: settings.hide_tool_calls.value,
    // Said nowhere, a resumed session goes on as it was.
    ...(settings.snapshot.kind === 'default' ? {} : { snapshots: settings.snapshot.value }),
  };
}

/** The requests' input: what has to be read and uploaded is read and uploaded here. The signal ends the wait for a pipe. */
export async function gather(
  prepared: Prepared,
  backend: Backend,
  io: Io,
  signal?: AbortSignal,
): Promise<PayloadInput> {
  const { flags, config, settings, team, workingDir } = prepared;
  const { read } = prepared.files;
  const env = await readEnvFiles(
    (flags.envFromFile ?? []).map((file) => resolve(io.cwd, file)),
    read,
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
    userHooks: flags.configHooks === false ? undefined : config.settings.hooks,
    project: {
      hooks: prepared.project.hooks,
      permissions: prepared.project.permissions,
      trusted: prepared.project.trusted,
      safety: settings.safety.kind === 'project' ? settings.safety.value : undefined,
    },
    env,
    defaultModel: settings.default_model.value,
    unattended: prepared.unattended,
    cassetteUpload:
      flags.fake === undefined ? undefined : await uploadCassette(backend, io.cwd, flags.fake, read, signal),
    promptFiles: await uploadPromptFiles(backend, io.cwd, flags.promptFile ?? [], read, signal),
  };
}

/** The session to go on with: what `--session` names, or the newest of the folder. */
async function resumed(
  { flags, workingDir, server }: Prepared,
  backend: Backend,
): Promise<string | undefined> {
  if (flags.continue !== true) return flags.session;
  const folder = server === undefined ? workingDir : (flags.workingDir ?? SERVER_FOLDER);
  return newestIn(folder, backend, server);
}
