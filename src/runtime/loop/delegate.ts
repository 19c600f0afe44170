import { LIMITS } from '../../protocol/contract/contract.ts';
import type { RunSkill } from '../../protocol/skills.ts';
import type { DelegateRequest, ToolResult } from '../../tools/tool.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { skillForRun } from '../skills/run.ts';
import { tellOfTask, tellOfTaskEnd } from '../hooks/events/agent-switch.ts';
import { event, type LoopContext } from './context.ts';

/**
 * Runs a sub-agent as a session inside the root's log (R9). Its ids were recorded with the start of the call, so that recovery
 * resumes this child and never starts another (R3).
 */
export async function delegate(
  context: LoopContext,
  run: RunState,
  call: CallState,
  request: DelegateRequest,
): Promise<ToolResult> {
  const { child } = call;
  const agent = context.team.agents.find((candidate) => candidate.name === request.agent);
  if (child === undefined || agent === undefined) {
    const names = context.team.agents.map((candidate) => candidate.name).join(', ');
    return {
      output: `There is no agent named ${request.agent}. Agents of this team: ${names}.`,
      is_error: true,
    };
  }
  const skill = skillForRun(context, call, agent, request);
  if (typeof skill === 'string') return { output: skill, is_error: true };
  if (depthOf(context, run) >= LIMITS.delegation_depth) {
    return {
      output: `The task was handed on ${LIMITS.delegation_depth} times already; do it yourself.`,
      is_error: true,
    };
  }
  const state = context.log.state.conversations.get(child.session_id);
  if (state?.run === undefined && state?.last_run === undefined)
    await open(context, run, call, child, agent.name, request, skill);
  const childRun = context.log.state.conversations.get(child.session_id)?.run;
  const told = { session_id: child.session_id, agent_name: agent.name };
  if (childRun !== undefined) {
    await tellOfTask(context, run, told);
    await context.driveChild(childRun);
  }
  await tellOfTaskEnd(context, run, told);
  return close(context, run, child.session_id, agent.name, skill);
}

async function open(
  context: LoopContext,
  run: RunState,
  call: CallState,
  child: { session_id: string; run_id: string },
  agent_name: string,
  request: DelegateRequest,
  skill: RunSkill | undefined,
): Promise<void> {
  const agent = context.team.agents.find((candidate) => candidate.name === agent_name);
  const fields = {
    session_id: child.session_id,
    run_id: child.run_id,
    agent_name,
    parent: { session_id: run.session_id, tool_call_id: call.call.id },
  };
  const expected =
    request.expected_output === undefined ? '' : `\n\nExpected output:\n${request.expected_output}`;
  await context.log.append({
    step_id: `${child.run_id}/0/open`,
    flush: true,
    run_opened: child,
    events: [
      // The agent stays who it is where it works by a skill.
      ...(skill === undefined
        ? [
            event('agent_switching', run, {
              switching: true,
              from_agent: run.agent_name,
              to_agent: agent_name,
              kind: 'transfer_task',
            }),
          ]
        : []),
      {
        type: 'stream_started',
        fields: {
          ...fields,
          max_iterations: agent?.max_iterations ?? 0,
          unattended: run.unattended,
          ...(skill === undefined ? {} : { skill }),
        },
      },
      {
        type: 'user_message',
        fields: {
          ...fields,
          message: `${request.task}${expected}`,
          session_position: -1,
          message_id: newId('msg'),
          by: run.agent_name,
          source: 'delegate',
        },
      },
    ],
  });
}

/** The answer is the child's last message; how it ended is said where it did not end by itself. */
async function close(
  context: LoopContext,
  run: RunState,
  session_id: string,
  agent_name: string,
  skill: RunSkill | undefined,
): Promise<ToolResult> {
  const who = skill === undefined ? agent_name : `The sub-agent of the skill ${skill.name}`;
  const child = context.log.state.conversations.get(session_id);
  const answer =
    child?.messages.findLast((message) => message.role === 'assistant' && message.content !== '')?.content ??
    '';
  const reason = child?.last_run?.stopped;
  const usage = child?.usage;
  await context.log.append({
    step_id: `${child?.last_run?.run_id ?? session_id}/end`,
    events: [
      event('sub_session_completed', run, {
        parent_session_id: run.session_id,
        sub_session_id: session_id,
        answer,
        usage: { input_tokens: usage?.input_tokens ?? 0, output_tokens: usage?.output_tokens ?? 0 },
      }),
      ...(skill === undefined
        ? [
            event('agent_switching', run, {
              switching: false,
              from_agent: agent_name,
              to_agent: run.agent_name,
              kind: 'transfer_task',
            }),
          ]
        : []),
    ],
  });
  if (reason === 'normal') return { output: answer === '' ? `${who} finished without an answer.` : answer };
  const failure = child?.last_run?.failed?.message;
  return {
    output: [
      `${who} did not finish (${reason ?? 'unknown'})${failure === undefined ? '' : `: ${failure}`}.`,
      answer,
    ]
      .join('\n')
      .trim(),
    is_error: true,
  };
}

function depthOf(context: LoopContext, run: RunState): number {
  let depth = 0;
  let parent = run.parent;
  while (parent !== undefined) {
    depth += 1;
    parent = context.log.state.conversations.get(parent.session_id)?.parent;
  }
  return depth;
}
