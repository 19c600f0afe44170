import { resolve } from 'node:path';
import { YonderError } from '../../../protocol/errors.ts';
import type { SessionRow } from '../../../protocol/store.ts';
import type { ConversationState } from '../../fold/state.ts';
import { inCallOrder } from '../../prompt/call-order.ts';
import { cassetteText } from '../cassette.ts';
import {
  agentSummary,
  currentAgent,
  describeSession,
  permissionsOf,
  queueOf,
  stateOf,
  summaryOf,
  usageOf,
} from '../describe.ts';
import type { Host } from '../host.ts';
import { keyLookup } from '../key-lookup.ts';
import { usageDetails } from '../usage-details.ts';
import { matchesAny } from '../../policy/patterns.ts';
import type { Handlers } from './handlers.ts';

const PAGE = 100;

async function listSessions(
  host: Host,
  principal: string | undefined,
  request: {
    query?: string | undefined;
    cwd?: string | undefined;
    starred?: boolean | undefined;
    limit?: number | undefined;
    page?: string | undefined;
  },
) {
  const limit = request.limit ?? PAGE;
  const offset = request.page === undefined ? 0 : Number(request.page);
  if (!Number.isInteger(offset) || offset < 0)
    throw new YonderError('invalid_request', 'page: take the next_page of an answer');
  const rows = await host.store.sessions({
    principal,
    query: request.query,
    working_dir: folderOf(host, request.cwd),
    starred: request.starred,
    limit: limit + 1,
    offset,
  });
  const sessions = await Promise.all(rows.slice(0, limit).map((row) => summaryOf(host.store, row)));
  return { sessions, ...(rows.length > limit ? { next_page: String(offset + limit) } : {}) };
}

/** A relative folder is meant from the Host's own: `.` is where it works where nobody says another. */
export function folderOf(host: Host, cwd: string | undefined): string | undefined {
  return cwd === undefined ? undefined : resolve(host.options.default_working_dir, cwd);
}

type ReadNames =
  | 'session/list'
  | 'session/open'
  | 'session/transcript'
  | 'session/agent_info'
  | 'session/models'
  | 'session/permissions'
  | 'session/queue'
  | 'session/usage'
  | 'session/cassette'
  | 'blob'
  | 'host/models'
  | 'host/doctor'
  | 'run/list';

/** What stands for the messages before the window, after a compaction; they are in the transcript all the same (R37). */
function summaryOfPast(held: ConversationState | undefined) {
  if (held?.summary === undefined) return {};
  const first = held.messages[held.window_start]?.message_id;
  return { summary: { text: held.summary, ...(first === undefined ? {} : { first_kept_message: first }) } };
}

export const readHandlers: Handlers<ReadNames> = {
  'session/list': (host, context, request) => listSessions(host, host.seenBy(context), request),

  async 'session/open'(host, context, request) {
    const row = await host.row(context, request.session_id);
    return describeSession(await host.open(row), row);
  },

  async 'session/transcript'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    const { conversations, head } = session.log.state;
    const shown =
      request.include_children === true ? [...conversations.values()] : [conversations.get(session.root_id)];
    const messages = shown.flatMap((held) => inCallOrder(held?.messages ?? []));
    const before =
      request.before === undefined
        ? -1
        : messages.findIndex((message) => message.message_id === request.before);
    if (request.before !== undefined && before === -1)
      throw new YonderError('not_found', `before: there is no message ${request.before} in this transcript`);
    const upTo = before === -1 ? messages : messages.slice(0, before);
    const { changed } = session.log.state.history;
    return {
      messages: request.limit === undefined ? upTo : upTo.slice(-request.limit),
      ...(changed.length === 0 ? {} : { changes: changed }),
      ...summaryOfPast(conversations.get(session.root_id)),
      as_of: head,
    };
  },

  async 'session/agent_info'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    const agent = currentAgent(session);
    const welcome = agent.welcome_message === undefined ? {} : { welcome_message: agent.welcome_message };
    return { ...agentSummary(session, agent), ...welcome, as_of: session.log.state.head };
  },

  async 'session/models'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    await session.models.findKeys(Object.values(session.team.models));
    const models = Object.values(session.team.models).map((model) => ({
      name: model.name,
      provider: model.provider,
      model: model.model,
      key_present: session.models.missingKey(model) === undefined,
    }));
    return { models, as_of: session.log.state.head };
  },

  async 'session/permissions'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    return { ...permissionsOf(session), as_of: session.log.state.head };
  },

  async 'session/queue'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    return { ...(await queueOf(session)), as_of: session.log.state.head };
  },

  async 'session/usage'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    return { ...usageOf(session), ...usageDetails(session.log.state), as_of: session.log.state.head };
  },

  async 'session/cassette'(host, context, request) {
    const row = await host.row(context, request.session_id);
    const text = await cassetteText(host.store, row.session_id);
    return {
      media_type: 'application/yaml',
      name: `${row.session_id}.yaml`,
      bytes: new TextEncoder().encode(text),
    };
  },

  async blob(host, context, request) {
    const row = await host.row(context, request.session_id);
    const blob = await host.store.blob(row.session_id, request.id);
    if (blob === undefined)
      throw new YonderError('not_found', `session ${row.session_id} has no blob ${request.id}`);
    return { media_type: blob.media_type, name: blob.name, bytes: blob.bytes };
  },

  async 'host/models'(host, { policy }) {
    const { keys } = host.options;
    const findKeys = keys === undefined ? {} : { findKeys: (names: readonly string[]) => keys.glance(names) };
    const models = host.options.models({ ...keyLookup(host.options), ...findKeys, cassette: undefined });
    try {
      const all = await models.list();
      const listed = all.filter(({ provider, model }) =>
        matchesAny(policy?.models ?? ['*'], `${provider}/${model}`),
      );
      return {
        models: listed.map(({ provider, model, key_present, token_key, context_limit, price }) => ({
          name: `${provider}/${model}`,
          provider,
          model,
          ...(keys?.unasked(token_key ?? '') === true ? {} : { key_present }),
          ...keyOrigin(host, key_present, token_key),
          ...(context_limit === undefined ? {} : { context_limit }),
          ...(price === undefined ? {} : { input_price: price.input, output_price: price.output }),
        })),
      };
    } finally {
      await models.close();
    }
  },

  async 'host/doctor'(host) {
    return { checks: await host.options.doctor() };
  },

  async 'run/list'(host, context) {
    const rows = await host.store.sessions({ principal: host.seenBy(context), limit: 500, offset: 0 });
    const live: SessionRow[] = [];
    for (const row of rows) {
      const state = row.active_run === undefined ? 'idle' : await stateOf(host.store, row);
      if (state === 'running' || state === 'waiting') live.push(row);
    }
    return {
      runs: await Promise.all(
        live.map(async (row) => {
          const owner = await host.store.lease(row.session_id);
          return {
            run_id: row.active_run ?? '',
            session_id: row.session_id,
            agent_name: row.agent_name,
            ...(owner === undefined ? {} : { pid: owner.lease.pid }),
          };
        }),
      ),
    };
  },
};

function keyOrigin(host: Host, present: boolean, name: string | undefined): { key_origin?: string } {
  if (!present || name === undefined) return {};
  const set = (host.options.env(name) ?? '').trim() !== '';
  return { key_origin: set ? 'environment' : (host.options.keys?.origin(name) ?? 'environment') };
}
