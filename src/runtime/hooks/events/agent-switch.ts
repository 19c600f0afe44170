import type { RunState } from '../../fold/run-state.ts';
import type { LoopContext } from '../../loop/context.ts';
import { tell } from './tell.ts';

/** The models of an agent, as `provider/model`. */
function modelsOf({ team, log }: LoopContext, name: string): string[] {
  const agent = team.agents.find((candidate) => candidate.name === name);
  const chosen = log.state.models.get(name);
  return (chosen === undefined ? (agent?.models ?? []) : [chosen]).map((key) => {
    const model = team.models[key];
    return model === undefined ? key : `${model.provider}/${model.model}`;
  });
}

/** `on_agent_switch` for a conversation that was handed over; the hooks are those of the agent that did so. */
export async function tellOfHandoff(context: LoopContext, run: RunState, signal: AbortSignal): Promise<void> {
  const { handed_by, handoffs } = run;
  if (handed_by === undefined || handed_by === run.agent_name) return;
  await tell(
    context,
    { ...run, agent_name: handed_by },
    {
      event: 'on_agent_switch',
      subject: `handoff/${handoffs}`,
      input: {
        from_agent: handed_by,
        to_agent: run.agent_name,
        agent_switch_kind: 'handoff',
        from_agent_models: modelsOf(context, handed_by),
      },
      signal,
    },
  );
}

/** `on_agent_switch` for a task that goes to another agent. */
export async function tellOfTask(
  context: LoopContext,
  run: RunState,
  child: { session_id: string; agent_name: string },
): Promise<void> {
  // A skill that an agent runs by itself is no switch.
  if (child.agent_name === run.agent_name) return;
  await tell(context, run, {
    event: 'on_agent_switch',
    subject: `task/${callOf(context, child)}`,
    input: {
      from_agent: run.agent_name,
      to_agent: child.agent_name,
      agent_switch_kind: 'transfer_task',
      from_agent_models: modelsOf(context, run.agent_name),
    },
    signal: context.signalOf(run.run_id),
  });
}

/** `subagent_stop`, and `on_agent_switch` for the way back; nothing while the sub-agent still runs. */
export async function tellOfTaskEnd(
  context: LoopContext,
  run: RunState,
  child: { session_id: string; agent_name: string },
): Promise<void> {
  const held = context.log.state.conversations.get(child.session_id);
  if (held === undefined || held.run !== undefined) return;
  const signal = context.signalOf(run.run_id);
  const stop_response = held.messages.findLast(({ role, content }) => role === 'assistant' && content !== '');
  await tell(context, run, {
    event: 'subagent_stop',
    subject: callOf(context, child),
    input: {
      agent_name: child.agent_name,
      parent_session_id: run.session_id,
      stop_response: stop_response?.content ?? '',
    },
    signal,
  });
  if (child.agent_name === run.agent_name) return;
  await tell(context, run, {
    event: 'on_agent_switch',
    subject: `return/${callOf(context, child)}`,
    input: {
      from_agent: child.agent_name,
      to_agent: run.agent_name,
      agent_switch_kind: 'transfer_task_return',
      from_agent_models: modelsOf(context, child.agent_name),
    },
    signal,
  });
}

/** The call that gave the task: it tells the tasks of a run apart, and is the same in every place. */
function callOf({ log }: LoopContext, { session_id }: { session_id: string }): string {
  return log.state.conversations.get(session_id)?.parent?.tool_call_id ?? session_id;
}
