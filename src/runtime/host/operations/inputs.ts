import { LIMITS } from '../../../protocol/contract/contract.ts';
import type { InputMessage } from '../../../protocol/contract/payloads.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { YonderError } from '../../../protocol/errors.ts';
import type { ContentPart } from '../../../protocol/message.ts';
import type { InputKind, NewInput } from '../../../protocol/store.ts';
import { newId } from '../../ids.ts';
import { stateOf } from '../describe.ts';
import type { Host } from '../host.ts';
import { STARTERS } from '../inbox.ts';
import { modelByName } from '../model-by-name.ts';
import type { OpenSession } from '../open-session.ts';
import { claim } from './session-settings.ts';
import type { Handlers } from './handlers.ts';
import { checkPatterns } from './patterns.ts';
import { uploadOf } from './uploads.ts';

interface Sent {
  input_id: string;
  session: OpenSession;
  outcome: Record<string, unknown>;
}

/** Puts one row into the durable inbox and wakes whoever drives the session (R7). A 2xx means that it is committed. */
export async function send(
  host: Host,
  context: RequestContext,
  operation: string,
  request: { session_id: string } & Record<string, unknown>,
  kind: InputKind,
  payload: Record<string, unknown>,
  extra: Partial<NewInput> & { outcome?: Record<string, unknown> } = {},
): Promise<Sent> {
  const row = await host.row(context, request.session_id);
  const session = await host.open(row);
  if (STARTERS.includes(kind)) {
    const { root_id: session_id, team, settings } = session;
    host.checkVariables({ session_id, team, settings });
    host.checkRoomForRun(session);
  }
  const input_id = newId('inp');
  const { outcome: more, ...rest } = extra;
  const outcome = { input_id, ...more };
  const sent = await host.store.sendInput({
    input_id,
    root_id: row.session_id,
    session_id: row.session_id,
    kind,
    payload,
    by: context.principal,
    created_at: host.options.now().toISOString(),
    idempotency: claim(context, operation, request, outcome),
    ...rest,
  });
  session.wake();
  return {
    input_id: typeof sent.outcome['input_id'] === 'string' ? sent.outcome['input_id'] : input_id,
    session,
    outcome: { ...outcome, ...sent.outcome },
  };
}

/** Messages as they go into the log: ids given, uploads made blobs of the session (R30). */
export async function acceptMessages(
  host: Host,
  context: RequestContext,
  root_id: string,
  messages: readonly InputMessage[],
): Promise<object[]> {
  const accepted: object[] = [];
  for (const message of messages) {
    const parts: ContentPart[] = [];
    for (const part of message.parts ?? [])
      parts.push(part.type === 'text' ? part : await fileOf(host, context, root_id, part));
    accepted.push({
      message_id: newId('msg'),
      content: message.content,
      ...(parts.length === 0 ? {} : { parts }),
    });
  }
  return accepted;
}

async function fileOf(
  host: Host,
  context: RequestContext,
  root_id: string,
  part: { upload_id: string; name: string; media_type: string },
): Promise<ContentPart> {
  const upload = await uploadOf(host, context, part.upload_id, part.name);
  const blob_id = newId('blob');
  const blob = await host.store.putBlob(
    root_id,
    { blob_id, media_type: part.media_type, name: part.name },
    upload.bytes,
  );
  return { type: 'file', blob_id, name: part.name, media_type: part.media_type, size: blob.size };
}

async function queueMessages(
  host: Host,
  context: RequestContext,
  operation: 'session/steer' | 'session/follow_up',
  request: { session_id: string; messages: InputMessage[] },
): Promise<{ input_id: string; started_run?: string; interrupted?: boolean }> {
  const row = await host.row(context, request.session_id);
  const state = await stateOf(host.store, row);
  const messages = await acceptMessages(host, context, row.session_id, request.messages);
  const kind = operation === 'session/steer' ? 'steer' : 'follow_up';
  const queue_cap = kind === 'steer' ? LIMITS.steer_queue : LIMITS.follow_up_queue;
  const run_id = newId('run');
  const { outcome } = await send(
    host,
    context,
    operation,
    request,
    kind,
    { messages, run_id },
    {
      queue_cap,
      outcome: {
        ...(state === 'idle' ? { started_run: run_id } : {}),
        ...(state === 'interrupted' ? { interrupted: true } : {}),
      },
    },
  );
  return outcome as { input_id: string };
}

/** As the log and the rows that were sent before say it. */
async function isPaused(host: Host, context: RequestContext, session_id: string): Promise<boolean> {
  const row = await host.row(context, session_id);
  const { log } = await host.open(row);
  const waiting = await host.store.pendingInputs(row.session_id);
  const last = waiting.findLast(({ kind }) => kind === 'pause');
  return last === undefined ? log.state.paused : last.payload['paused'] === true;
}

type InputNames =
  | 'session/steer'
  | 'session/follow_up'
  | 'session/interrupt'
  | 'session/pause'
  | 'session/agent'
  | 'session/set_model'
  | 'session/set_permissions'
  | 'session/set_safety'
  | 'session/compact'
  | 'session/title'
  | 'session/regenerate_title'
  | 'session/star';

export const inputHandlers: Handlers<InputNames> = {
  'session/steer': (host, context, request) => queueMessages(host, context, 'session/steer', request),
  'session/follow_up': (host, context, request) => queueMessages(host, context, 'session/follow_up', request),

  async 'session/interrupt'(host, context, request) {
    const earlier = await repeated(host, context, 'session/interrupt', request);
    if (earlier !== undefined) return { was_running: true, ...earlier };
    const row = await host.row(context, request.session_id);
    const was_running =
      row.active_run !== undefined && (request.run_id === undefined || request.run_id === row.active_run);
    const jobs = request.include_background === true && (await host.open(row)).hasJobs();
    if (!was_running && !jobs) return { was_running };
    const payload = {
      // No run bears the empty name: only jobs are meant.
      run_id: was_running ? row.active_run : '',
      ...(request.include_background === true ? { include_background: true } : {}),
    };
    const { input_id } = await send(host, context, 'session/interrupt', request, 'interrupt', payload, {
      outcome: { was_running },
    });
    return { was_running, input_id };
  },

  async 'session/pause'(host, context, request) {
    const was_paused = await isPaused(host, context, request.session_id);
    const { outcome } = await send(
      host,
      context,
      'session/pause',
      request,
      'pause',
      { paused: request.paused },
      { outcome: { paused: request.paused, was_paused } },
    );
    return outcome as { input_id: string; paused: boolean; was_paused: boolean };
  },

  async 'session/agent'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    const agents = session.team.agents.map((agent) => agent.name);
    if (!agents.includes(request.agent_name)) {
      throw new YonderError(
        'not_found',
        `the team has no agent ${request.agent_name}; it has ${agents.join(', ')}`,
        { details: { agents } },
      );
    }
    const { input_id } = await send(host, context, 'session/agent', request, 'settings', {
      agent: request.agent_name,
    });
    return { input_id, agent_name: request.agent_name };
  },

  async 'session/set_model'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    const agent = session.team.agents.find(
      (one) => one.name === (request.agent_name ?? session.log.state.agent_name),
    );
    if (agent === undefined) {
      const agents = session.team.agents.map((one) => one.name);
      throw new YonderError(
        'not_found',
        `the team has no agent ${request.agent_name ?? ''}; it has ${agents.join(', ')}`,
        { details: { agents } },
      );
    }
    if (request.model !== '') {
      const model = modelByName(session.team, request.model);
      await session.models.findKeys([model]);
      const missing = session.models.missingKey(model);
      if (missing !== undefined) {
        throw new YonderError(
          'model_unavailable',
          `the model ${request.model} needs a key: set ${missing}, or: yonder auth login ${missing} (docs/models-and-keys.md says how)`,
        );
      }
    }
    const payload = { model: request.model, model_agent: agent.name };
    const { input_id } = await send(host, context, 'session/set_model', request, 'settings', payload);
    return { input_id, model: request.model };
  },

  async 'session/set_permissions'(host, context, request) {
    checkPatterns('permissions', request.permissions);
    const { input_id } = await send(host, context, 'session/set_permissions', request, 'settings', {
      permissions: request.permissions,
    });
    return { input_id };
  },

  async 'session/set_safety'(host, context, request) {
    const { input_id } = await send(host, context, 'session/set_safety', request, 'settings', {
      safety: request.safety,
    });
    return { input_id, safety: request.safety };
  },

  async 'session/compact'(host, context, request) {
    const run_id = newId('run');
    const payload = {
      run_id,
      ...(request.instruction === undefined ? {} : { instruction: request.instruction }),
    };
    const { outcome } = await send(host, context, 'session/compact', request, 'compact', payload, {
      require_idle: true,
      outcome: { run_id },
    });
    return outcome as { input_id: string; run_id: string };
  },

  async 'session/title'(host, context, request) {
    const { input_id } = await send(host, context, 'session/title', request, 'title', {
      title: request.title,
    });
    return { input_id, title: request.title };
  },

  async 'session/regenerate_title'(host, context, request) {
    const { input_id } = await send(host, context, 'session/regenerate_title', request, 'title', {
      generate: true,
    });
    return { input_id };
  },

  async 'session/star'(host, context, request) {
    const { input_id } = await send(host, context, 'session/star', request, 'star', {
      starred: request.starred,
    });
    return { input_id, starred: request.starred };
  },
};

/** R18: what the same call was answered with before its state changed; the same key with another request is a conflict. */
export async function repeated(
  host: Host,
  context: RequestContext,
  operation: string,
  request: unknown,
): Promise<Record<string, unknown> | undefined> {
  const same = claim(context, operation, request, {});
  if (same === undefined) return undefined;
  const earlier = await host.store.idempotent(same.principal, operation, same.key);
  if (earlier === undefined) return undefined;
  if (earlier.request_digest === same.request_digest) return earlier.outcome;
  throw new YonderError(
    'idempotency_conflict',
    `the key ${same.key} was used for another ${operation}; take a new key`,
  );
}
