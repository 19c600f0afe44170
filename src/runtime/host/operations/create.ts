import { canonicalJson } from '../../../protocol/canonical-json.ts';
import type { CreateSessionAnswer } from '../../../protocol/contract/answers.ts';
import type { AcceptedSession } from '../../../protocol/contract/payloads.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { UnsupportedError, YonderError } from '../../../protocol/errors.ts';
import type { IdempotencyClaim, SessionRow } from '../../../protocol/store.ts';
import { sha256 } from '../../../process/digest.ts';
import { assertRunnable, type LoadedTeam } from '../../../team/index.ts';
import { describeSession } from '../describe.ts';
import type { Host } from '../host.ts';
import { newSessionId } from '../../ids.ts';
import type { OpenSession } from '../open-session.ts';
import type { Handlers } from './handlers.ts';
import { checkPatterns } from './patterns.ts';
import { resumeSession } from './resume.ts';
import { loadRequested } from './teams.ts';

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
function refuse(request: AcceptedSession): void {
  if (request.session_db !== undefined) {
    throw new UnsupportedError('session_db', 'in a request: the place that serves it has its own store');
  }
  const later: [string, boolean][] = [
    ['snapshots', request.snapshots_enabled],
    ['budgets', request.budget !== undefined],
    ['runners other than this place', request.runner !== undefined],
    ['hooks', Object.keys(request.runtime_config?.hooks ?? {}).length > 0],
    ['code mode', request.runtime_config?.code_mode_tools === true],
    ['a models gateway', request.runtime_config?.models_gateway !== undefined],
  ];
  for (const [feature, asked] of later) if (asked) throw new UnsupportedError(feature, 'yet');
  for (const name of ['permissions', 'user_permissions', 'project_permissions'] as const)
    checkPatterns(name, request[name]);
  if (request.tools_approved && request.safety !== undefined && request.safety !== 'autonomous') {
    throw new YonderError(
      'invalid_request',
      `tools_approved is safety "autonomous"; it cannot stand beside safety "${request.safety}"`,
    );
  }
}

/** Secrets stay in memory: what is stored of the request has no values of `env` (WIRE.md). */
export function storable(request: AcceptedSession): AcceptedSession {
  const { runtime_config, ...rest } = request;
  if (runtime_config === undefined) return rest;
  const { env: _env, ...config } = runtime_config;
  return { ...rest, runtime_config: config };
}

export const createHandlers: Handlers<'session/create'> = {
  async 'session/create'(host, context, request): Promise<CreateSessionAnswer> {
    refuse(request);
    if (request.resume_session_id !== undefined) return resumeSession(host, context, request);
    const loaded = await loadRequested(host, request);
    if (request.team_digest !== undefined && request.team_digest !== loaded.digest) {
      throw new YonderError(
        'conflict',
        `the team is ${loaded.digest}, not ${request.team_digest}: it changed; load it again`,
      );
    }
    assertRunnable(loaded);
    const agent_name = request.agent_name ?? loaded.defaultAgent;
    checkAgent(loaded, agent_name);
    const working_dir = request.working_dir ?? host.options.default_working_dir;
    await host.options.checkFolder(working_dir);
    const row = await store(host, context, request, loaded, agent_name, working_dir);
    if (request.runtime_config?.env !== undefined)
      host.setEnvironment(row.session_id, request.runtime_config.env);
    const session = await host.open(row);
    try {
      await checkModel(session, loaded, agent_name);
    } catch (thrown) {
      await host.release(row.session_id);
      await host.store.deleteSession(row.session_id);
      throw thrown;
    }
    return {
      ...(await describeSession(session, row)),
      session_id: row.session_id,
      warnings: loaded.warnings,
    };
  },
};

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

/** The model of the agent that begins must be callable before anything happens; `auto` is found now. */
async function checkModel(session: OpenSession, loaded: LoadedTeam, agent_name: string): Promise<void> {
  const agent = loaded.team.agents.find((candidate) => candidate.name === agent_name);
  for (const name of agent?.models ?? []) {
    const model = await session.model(name);
    const missing = session.models.missingKey(model);
    if (missing === undefined) continue;
    throw new YonderError(
      'model_unavailable',
      `the model ${name} needs a key: set ${missing} (docs/models-and-keys.md says how)`,
      { details: { variable: missing } },
    );
  }
}

async function store(
  host: Host,
  context: RequestContext,
  request: AcceptedSession,
  loaded: LoadedTeam,
  agent_name: string,
  working_dir: string,
): Promise<SessionRow> {
  const session_id = newSessionId();
  await host.store.putTeam(loaded.digest, JSON.stringify(loaded.team));
  const created = await host.store.createSession({
    row: {
      session_id,
      principal: context.principal,
      title: request.title ?? '',
      agent_name,
      working_dir,
      team_digest: loaded.digest,
      created_at: host.options.now().toISOString(),
      starred: false,
      input_tokens: 0,
      output_tokens: 0,
      cost: 0,
      settings: storable(request) as unknown as Record<string, unknown>,
    },
    events: [
      {
        type: 'settings_changed',
        fields: { session_id, agent: agent_name, ...settingsOf(request), by: context.principal },
      },
    ],
    idempotency: claim(context, 'session/create', request, { session_id }),
  });
  const id = created.repeated ? String(created.outcome['session_id']) : session_id;
  const row = await host.store.session(id);
  if (row === undefined) throw new YonderError('internal', `session ${id} was not stored`);
  return row;
}

/** The settings that the log begins with: mode and edits as the request says them, nothing where it says nothing. */
export function settingsOf(request: AcceptedSession): Record<string, unknown> {
  const safety = request.safety ?? (request.tools_approved ? 'autonomous' : undefined);
  return {
    ...(safety === undefined ? {} : { safety }),
    ...(request.runtime_config?.accept_edits === undefined
      ? {}
      : { accept_edits: request.runtime_config.accept_edits }),
    ...(request.title === undefined ? {} : { title: request.title }),
  };
}
