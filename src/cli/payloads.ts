import { resolve } from 'node:path';
import type { CreateSessionRequest, LoadTeamRequest, RuntimeConfig } from '../protocol/contract/payloads.ts';
import type { PermissionRules, Safety, Unattended } from '../protocol/permissions.ts';
import type { TeamSource, TrustAnswer } from '../protocol/team.ts';
import { hooksOfFlags } from './flags/hook-flags.ts';
import type { RunFlags } from './flags/run-flags.ts';

/** What a project's configuration asks for; its allow rules count where it is trusted. */
export interface ProjectSays {
  permissions: PermissionRules;
  trusted: boolean;
  /** As `project_safety`. */
  safety?: Safety | undefined;
  hooks?: Hooks | undefined;
}

type Hooks = NonNullable<RuntimeConfig['hooks']>;

/** What the requests are built from: flags, and what was read and uploaded for them. */
export interface PayloadInput {
  flags: RunFlags;
  /** Where relative folders of flags are meant from. */
  cwd: string;
  /** Absent on resume without a named team: the pinned one. */
  source?: TeamSource | undefined;
  trust?: TrustAnswer | undefined;
  /** The team that was looked at: another one is a `conflict`. */
  teamDigest?: string | undefined;
  /** The session that is resumed. */
  resume?: string | undefined;
  userPermissions?: PermissionRules | undefined;
  userHooks?: Hooks | undefined;
  /** Of the project's configuration. */
  project?: ProjectSays | undefined;
  env?: Record<string, string> | undefined;
  defaultModel?: string | undefined;
  unattended: Unattended;
  /** Of the cassette that `--fake` names. */
  cassetteUpload?: string | undefined;
  promptFiles?: { name: string; upload_id: string }[] | undefined;
}

export interface Payloads {
  load: LoadTeamRequest;
  create: CreateSessionRequest;
}

/** From flags to requests, in one place for every command: what is said nowhere is absent, but for the seed's three booleans (WIRE.md). */
export function buildPayloads(input: PayloadInput): Payloads {
  const { flags, source, trust, resume } = input;
  const shared: LoadTeamRequest = {
    ...present('source', source),
    ...present('trust', trust),
    ...present('runtime_config', runtimeConfig(input)),
    ...present('model_overrides', someOf(modelOverrides(flags.model))),
    ...present('prompt_files', someOf(input.promptFiles)),
  };
  const create: CreateSessionRequest = {
    ...shared,
    ...present('team_digest', input.teamDigest),
    ...present('agent_name', flags.agent),
    tools_approved: flags.yolo === true,
    hide_tool_results: flags.hideToolResults === true,
    snapshots_enabled: flags.snapshots === true,
    ...present('session_id', flags.newSession),
    ...present('resume_session_id', resume),
    ...present('working_dir', workingDir(input)),
    ...present('permissions', someRules({ allow: flags.allow, ask: flags.askFor, deny: flags.deny })),
    ...present('user_permissions', someRules(input.userPermissions)),
    ...present('user_hooks', input.userHooks),
    ...present('project_hooks', input.project?.hooks),
    ...present('project_permissions', someRules(input.project?.permissions)),
    ...present('project_trusted', input.project?.trusted === true ? true : undefined),
    ...present('project_safety', input.project?.safety),
    // `--yolo` says it by `tools_approved`.
    ...present('safety', flags.yolo === true ? undefined : flags.safety),
    unattended: input.unattended,
    ...present('max_iterations', flags.maxIterations),
    ...present('budget', budget(flags)),
  };
  return { load: shared, create };
}

function budget({ maxCost, maxTokens }: RunFlags): CreateSessionRequest['budget'] {
  if (maxCost === undefined && maxTokens === undefined) return undefined;
  return { ...present('max_cost', maxCost), ...present('max_tokens', maxTokens) };
}

/** A resumed session keeps its folder unless today's flags name another; on a server, what is not said is the server's. */
function workingDir({ flags, cwd, resume }: PayloadInput): string | undefined {
  if (flags.workingDir !== undefined)
    return flags.remote === undefined ? resolve(cwd, flags.workingDir) : flags.workingDir;
  return resume === undefined && flags.remote === undefined ? cwd : undefined;
}

function runtimeConfig(input: PayloadInput): RuntimeConfig | undefined {
  const { flags, cwd } = input;
  const absolute = (paths: readonly string[] | undefined): string[] | undefined =>
    someOf(paths?.map((path) => resolve(cwd, path)));
  const config: RuntimeConfig = {
    ...present('models_gateway', flags.modelsGateway),
    ...present('default_model', input.defaultModel),
    ...present('env', input.env === undefined || Object.keys(input.env).length === 0 ? undefined : input.env),
    ...present('pass_env', someOf(flags.passEnv === undefined ? undefined : [...new Set(flags.passEnv)])),
    ...present('timeout_ms', flags.timeout),
    ...present('hooks', hooksOfFlags(flags)),
    ...present('add_dirs', absolute(flags.addDir)),
    ...present('read_dirs', absolute(flags.readDir)),
    ...present('accept_edits', flags.acceptEdits),
    ...present('keep_jobs', flags.keepJobs),
    ...present('no_snapshots', flags.snapshots === false && input.resume !== undefined ? true : undefined),
    ...present('cassette', cassette(input)),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function cassette({ flags, cassetteUpload }: PayloadInput): RuntimeConfig['cassette'] {
  if (flags.record !== undefined) return { mode: 'record' };
  if (cassetteUpload === undefined) return undefined;
  return {
    mode: 'replay',
    upload_id: cassetteUpload,
    ...present('match', flags.fakeMatch),
    ...present('stream_ms', flags.fakeStream),
  };
}

/** `--model a=x,b=y --model z`: one entry per override. A comma before a part without `=` belongs to an alloy of the entry before it. */
function modelOverrides(values: readonly string[] | undefined): string[] {
  return (values ?? []).map((value) => value.trim()).filter((value) => value !== '');
}

function someRules(
  rules: { allow?: string[]; ask?: string[]; deny?: string[] } | undefined,
): Partial<PermissionRules> | undefined {
  const kept = {
    ...present('allow', someOf(rules?.allow)),
    ...present('ask', someOf(rules?.ask)),
    ...present('deny', someOf(rules?.deny)),
  };
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function someOf<Item>(items: Item[] | undefined): Item[] | undefined {
  return items === undefined || items.length === 0 ? undefined : items;
}

function present<Key extends string, Value>(key: Key, value: Value | undefined): { [Name in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [Name in Key]: Value });
}
