import { LIMITS } from '../../protocol/contract/contract.ts';
import type { OpenSessionAnswer, SessionState, SessionSummary } from '../../protocol/contract/answers.ts';
import type { SessionRow, Store } from '../../protocol/store.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';
import { layersOf } from '../loop/judge.ts';
import { safetyOf } from '../loop/safety.ts';
import type { OpenSession } from './open-session.ts';

/** R11: a session whose run nobody drives shows as `interrupted`. */
export async function stateOf(store: Store, row: SessionRow): Promise<SessionState> {
  if (row.active_run === undefined) return 'idle';
  const owner = await store.lease(row.session_id);
  if (owner === undefined || !owner.alive) return 'interrupted';
  return row.waiting > 0 ? 'waiting' : 'running';
}

export async function summaryOf(store: Store, row: SessionRow): Promise<SessionSummary> {
  return {
    session_id: row.session_id,
    title: row.title,
    state: await stateOf(store, row),
    agent_name: row.agent_name,
    working_dir: row.working_dir,
    created_at: row.created_at,
    updated_at: row.updated_at,
    starred: row.starred,
    num_messages: row.num_messages,
    first_message: row.first_message,
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
    cost: row.cost,
    ...(row.active_run === undefined ? {} : { active_run: row.active_run }),
    as_of: row.head_seq,
  };
}

export function agentSummary(session: OpenSession, agent: ResolvedAgent): OpenSessionAnswer['agent'] {
  return {
    name: agent.name,
    description: agent.description,
    model: session.log.state.models.get(agent.name) ?? agent.models.join(','),
    tools: session.toolsets(agent).flatMap((toolset) => toolset.tools.map((tool) => tool.definition.name)),
    sub_agents: agent.sub_agents,
    handoffs: agent.handoffs,
  };
}

export function currentAgent(session: OpenSession): ResolvedAgent {
  const { team, log } = session;
  const name = log.state.agent_name === '' ? team.default_agent : log.state.agent_name;
  return team.agents.find((agent) => agent.name === name) ?? (team.agents[0] as ResolvedAgent);
}

export async function queueOf(session: OpenSession): Promise<OpenSessionAnswer['queue']> {
  const rows = await session.options.store.pendingInputs(session.root_id);
  const depth = (kind: string): number => rows.filter((row) => row.kind === kind).length;
  return {
    steer: { depth: depth('steer'), capacity: LIMITS.steer_queue },
    followup: { depth: depth('follow_up'), capacity: LIMITS.follow_up_queue },
  };
}

export function permissionsOf(session: OpenSession): OpenSessionAnswer['permissions'] {
  const layers = layersOf(session).map(({ name, trusted, rules }) => ({ layer: name, trusted, rules }));
  const answers = session.log.state.rules.allow;
  const withAnswers = layers.map((one) =>
    one.layer === 'session'
      ? { ...one, rules: { ...one.rules, allow: [...one.rules.allow, ...answers] } }
      : one,
  );
  return {
    safety: safetyOf(session, currentAgent(session), session.root_id),
    accept_edits: session.log.state.accept_edits,
    layers: withAnswers,
  };
}

export function usageOf(session: OpenSession): OpenSessionAnswer['usage'] {
  const totals = { input_tokens: 0, output_tokens: 0, cost: 0 };
  for (const { usage } of session.log.state.conversations.values()) {
    totals.input_tokens += usage.input_tokens;
    totals.output_tokens += usage.output_tokens;
    totals.cost += usage.cost;
  }
  const root = session.log.state.conversations.get(session.root_id)?.usage;
  return { ...totals, context_length: root?.context_length ?? 0, context_limit: root?.context_limit ?? 0 };
}

/** Everything about an open session, from one point of its log (R36). */
export async function describeSession(session: OpenSession, row: SessionRow): Promise<OpenSessionAnswer> {
  const { store } = session.options;
  const owner = row.active_run === undefined ? undefined : await store.lease(row.session_id);
  const here = owner?.lease.host_id === store.host_id;
  return {
    session: await summaryOf(store, row),
    team: {
      digest: row.team_digest,
      name: session.team.name,
      agent_names: session.team.agents.map((agent) => agent.name),
      default_agent: session.team.default_agent,
    },
    agent: agentSummary(session, currentAgent(session)),
    ...(row.active_run === undefined
      ? {}
      : {
          active_run: {
            run_id: row.active_run,
            here,
            ...(owner === undefined ? {} : { pid: owner.lease.pid }),
          },
        }),
    pending_interactions: [...session.log.state.pending.values()],
    queue: await queueOf(session),
    usage: usageOf(session),
    permissions: permissionsOf(session),
    safety: safetyOf(session, currentAgent(session), session.root_id),
    paused: session.log.state.paused,
    as_of: session.log.state.head,
  };
}
