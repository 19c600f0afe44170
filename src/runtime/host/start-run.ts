import type { EventDraft, InputRow } from '../../protocol/store.ts';
import { newId } from '../ids.ts';
import { unpricedWarning } from '../loop/budget.ts';
import { userMessages } from '../loop/run-loop.ts';
import { smaller } from '../policy/bounds.ts';
import { pinSkills } from '../skills/pin.ts';
import type { OpenSession } from './open-session.ts';

/** Opens the run that an input asks for: one commit takes the row and says what begins (R7). */
export async function openRun(session: OpenSession, row: InputRow): Promise<void> {
  const { log, team, settings } = session;
  const agent_name = log.state.agent_name === '' ? team.default_agent : log.state.agent_name;
  const agent = team.agents.find((candidate) => candidate.name === agent_name);
  const run_id = typeof row.payload['run_id'] === 'string' ? row.payload['run_id'] : newId('run');
  const run = { session_id: log.root_id, run_id, agent_name, parent: undefined };
  const fields = { session_id: log.root_id, run_id, agent_name };
  const wanted = Number(
    row.payload['max_iterations'] ?? settings.max_iterations ?? agent?.max_iterations ?? 0,
  );
  const limit = smaller(wanted === 0 ? undefined : wanted, log.state.bounds.max_iterations) ?? 0;
  const unattended = row.payload['unattended'] ?? settings.unattended ?? 'wait';
  const first = log.state.conversations.get(log.root_id)?.messages.length ?? 0;
  const messages = userMessages(run, row);
  const said = messages[0]?.fields['message'];
  const isTyped = row.kind === 'command' || row.kind === 'skill' || row.kind === 'prompt';
  const opening = isTyped ? typedCommand(row) : typeof said === 'string' ? said : undefined;
  // Before what describes the agents: its tools depend on them.
  const pinned = await pinSkills(session, fields);
  const events: EventDraft[] = [
    ...messages,
    { type: 'stream_started', fields: { ...fields, max_iterations: limit, unattended } },
    {
      type: 'input_taken',
      fields: {
        ...fields,
        input_id: row.input_id,
        kind: row.kind,
        by: row.by,
        ...(row.payload['instruction'] === undefined ? {} : { instruction: row.payload['instruction'] }),
        ...(row.payload['command'] === undefined ? {} : { command: row.payload['command'] }),
        ...(isTyped ? { name: row.payload['name'], arguments: row.payload['arguments'] } : {}),
        ...(row.kind === 'prompt' ? { prompt_arguments: row.payload['prompt_arguments'] } : {}),
      },
    },
    ...pinned,
    ...describeAgents(session, agent_name, fields),
    ...(await unpricedWarning(session, fields)),
  ];
  session.adopt(run_id);
  await log.append({
    step_id: `${run_id}/0/open`,
    flush: true,
    events,
    taken: [row.input_id],
    run_opened: { run_id, session_id: log.root_id },
    session: {
      active_run: run_id,
      served: session.options.serving !== undefined,
      num_messages: first + messages.length + (isTyped ? 1 : 0),
      ...(first === 0 && opening !== undefined ? firstMessage(session, opening) : {}),
    },
  });
}

/** As it was typed. */
function typedCommand({ payload }: InputRow): string {
  const words = Array.isArray(payload['arguments']) ? payload['arguments'] : [];
  return `/${String(payload['name'])} ${words.join(' ')}`.trim();
}

/** Until a model names it, a session is called by the first 50 characters of its first message. */
function firstMessage(session: OpenSession, text: string): { first_message: string; title?: string } {
  const line = text.replace(/\s+/g, ' ').trim();
  const title =
    session.log.state.title === '' ? { title: line.length > 50 ? `${line.slice(0, 49)}…` : line } : {};
  return { first_message: line.slice(0, 500), ...title };
}

function describeAgents(
  session: OpenSession,
  agent_name: string,
  fields: Record<string, unknown>,
): EventDraft[] {
  const { team } = session;
  const agent = team.agents.find((candidate) => candidate.name === agent_name);
  if (agent === undefined) return [];
  const tools = session.toolsets(agent).reduce((count, toolset) => count + toolset.tools.length, 0);
  return [
    {
      type: 'agent_info',
      fields: {
        ...fields,
        model: session.log.state.models.get(agent.name) ?? agent.models.join(','),
        description: agent.description,
        ...(agent.welcome_message === undefined ? {} : { welcome_message: agent.welcome_message }),
      },
    },
    {
      type: 'team_info',
      fields: {
        ...fields,
        available_agents: team.agents.map((other) => ({
          name: other.name,
          description: other.description,
          provider: team.models[other.models[0] ?? '']?.provider ?? '',
          model: other.models.join(','),
        })),
        current_agent: agent_name,
      },
    },
    { type: 'toolset_info', fields: { ...fields, available_tools: tools, loading: false } },
  ];
}
