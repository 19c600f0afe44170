import { DEFAULT_SAFETY, stricterSafety, type Safety } from '../../protocol/permissions.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';
import type { LoopContext } from './context.ts';

/**
 * The mode in force for an agent of a conversation: what was said for this session, else the strictest of the project, the team and of all agents on the
 * chain, from the root to this one, handoffs included (R5): neither handing work nor the conversation on sheds a stricter mode. Never looser than the policy's ceiling (R8).
 */
export function safetyOf(
  context: Pick<LoopContext, 'log' | 'team' | 'settings'>,
  agent: ResolvedAgent,
  session_id: string,
): Safety {
  const { safety: said, bounds } = context.log.state;
  const ceiling = (mode: Safety): Safety => stricterSafety(mode, bounds.safety ?? mode);
  if (said !== undefined) return ceiling(said);
  const own = chainOf(context, agent, session_id)
    .map((member) => modeOf(context.team.safety, member.safety))
    .reduce((left, right) => stricterSafety(left, right));
  return ceiling(stricterSafety(own, context.settings.project_safety ?? own));
}

function modeOf(ofTeam: Safety | undefined, ofAgent: Safety | undefined): Safety {
  if (ofTeam !== undefined && ofAgent !== undefined) return stricterSafety(ofTeam, ofAgent);
  return ofTeam ?? ofAgent ?? DEFAULT_SAFETY;
}

function chainOf(
  { log, team }: Pick<LoopContext, 'log' | 'team'>,
  agent: ResolvedAgent,
  session_id: string,
): [ResolvedAgent, ...ResolvedAgent[]] {
  const names: string[] = [];
  for (let at = log.state.conversations.get(session_id); at !== undefined;) {
    names.push(...at.handed_over);
    at = at.parent === undefined ? undefined : log.state.conversations.get(at.parent.session_id);
    if (at !== undefined) names.push(at.agent_name);
  }
  return [agent, ...team.agents.filter(({ name }) => name !== agent.name && names.includes(name))];
}
