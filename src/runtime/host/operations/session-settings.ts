import { canonicalJson } from '../../../protocol/canonical-json.ts';
import type { AcceptedSession } from '../../../protocol/contract/payloads.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { UnsupportedError, YonderError } from '../../../protocol/errors.ts';
import type { IdempotencyClaim } from '../../../protocol/store.ts';
import { sha256 } from '../../../process/digest.ts';
import type { LoadedTeam } from '../../../team/index.ts';
import { parseGateway } from '../../../model/http/gateway.ts';
import type { Host } from '../host.ts';
import { checkHooks } from '../../hooks/check.ts';
import { checkPatterns } from './patterns.ts';

/** R18: what makes two calls the same one. */
export function claim(
  context: RequestContext,
  operation: string,
  request: unknown,
  outcome: Record<string, unknown>,
): IdempotencyClaim | undefined {
  if (context.idempotency_key === undefined) return undefined;
  return {
    principal: context.principal,
    operation,
    key: context.idempotency_key,
    request_digest: sha256(canonicalJson(request)),
    outcome,
  };
}

/** What a request names that is refused whole, before anything is made. */
export function refuseUnbuilt(request: AcceptedSession): void {
  if (request.session_db !== undefined) {
    throw new UnsupportedError('session_db', 'in a request: the place that serves it has its own store');
  }
  const later: [string, boolean][] = [
    ['a budget of time (take timeout_ms)', request.budget?.max_time_ms !== undefined],
    ['runners other than this place', request.runner !== undefined],
    ['code mode', request.runtime_config?.code_mode_tools === true],
  ];
  for (const [feature, asked] of later) if (asked) throw new UnsupportedError(feature, 'yet');
  const gateway = request.runtime_config?.models_gateway;
  if (gateway !== undefined) parseGateway(gateway);
  checkHooks(request);
  for (const name of ['permissions', 'user_permissions', 'project_permissions'] as const)
    checkPatterns(name, request[name]);
  if (request.first_files !== undefined && request.resume_session_id !== undefined) {
    throw new YonderError(
      'invalid_request',
      'first_files: they are those of a new session; one that is resumed gets files with its messages',
    );
  }
  if (request.tools_approved && request.safety !== undefined && request.safety !== 'autonomous') {
    throw new YonderError(
      'invalid_request',
      `tools_approved is safety "autonomous"; it cannot stand beside safety "${request.safety}"`,
    );
  }
}

/** Secrets stay in memory: of `env` the names alone are stored (WIRE.md), so that a later process can say what it lacks. */
export function storable(request: AcceptedSession): AcceptedSession {
  const { runtime_config, session_id: _given, first_files: _brought, ...rest } = request;
  if (runtime_config === undefined) return rest;
  const { env, models_gateway, ...config } = runtime_config;
  const names = Object.keys(env ?? {}).map((name) => [name, ''] as const);
  const gateway = models_gateway === undefined ? {} : { models_gateway: parseGateway(models_gateway).url };
  return {
    ...rest,
    runtime_config: {
      ...config,
      ...(names.length === 0 ? {} : { env: Object.fromEntries(names) }),
      ...gateway,
    },
  };
}

/** The team has an agent of that name, else `not_found` lists those that it has. */
export function checkAgent(loaded: Pick<LoadedTeam, 'agentNames'>, agent_name: string): void {
  if (loaded.agentNames.includes(agent_name)) return;
  throw new YonderError(
    'not_found',
    `the team has no agent ${agent_name}; it has ${loaded.agentNames.join(', ')}`,
    {
      details: { agents: loaded.agentNames },
    },
  );
}

/** The settings that the log begins with: mode and edits as the request says them, nothing where it says nothing. */
export function settingsOf(request: AcceptedSession): Record<string, unknown> {
  const safety = request.safety ?? (request.tools_approved ? 'autonomous' : undefined);
  return {
    ...(safety === undefined ? {} : { safety }),
    ...(request.runtime_config?.accept_edits === undefined
      ? {}
      : { accept_edits: request.runtime_config.accept_edits }),
    ...(request.snapshots_enabled ? { snapshots: true } : {}),
    ...(request.runtime_config?.no_snapshots === true ? { snapshots: false } : {}),
  };
}

/** Snapshots need git on this Host; a session that asks for them where there is none is not begun. */
export async function checkSnapshots(host: Host, request: AcceptedSession): Promise<void> {
  if (request.snapshots_enabled) (await host.options.snapshots()).program();
}

/** A folder that is not there would let tools do less than the person thinks, or more when somebody makes it later. */
export async function checkFurtherFolders(host: Host, request: AcceptedSession): Promise<void> {
  const { add_dirs = [], read_dirs = [] } = request.runtime_config ?? {};
  for (const folder of add_dirs) await host.options.checkFolder(folder, '--add-dir');
  for (const folder of read_dirs) await host.options.checkFolder(folder, '--read-dir');
}

/** The guard of a caller that looked at the team before: what it saw is what begins, or nothing does. */
export function refuseChanged(request: AcceptedSession, loaded: LoadedTeam): void {
  if (request.team_digest === undefined || request.team_digest === loaded.digest) return;
  throw new YonderError(
    'conflict',
    `the team is ${loaded.digest}, not ${request.team_digest}: it changed; load it again`,
  );
}
