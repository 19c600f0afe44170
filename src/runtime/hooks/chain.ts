import type { ResolvedAgent } from '../../protocol/team.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LoopContext } from '../loop/context.ts';

/**
 * The agents that a call of this run goes back to, outermost first and each once: of every conversation from the root down those that handed it
 * over, and the one that has it (R5).
 */
export function chainOfRun({ log, team }: Pick<LoopContext, 'log' | 'team'>, run: RunState): ResolvedAgent[] {
  const levels: string[][] = [];
  for (let at = log.state.conversations.get(run.session_id); at !== undefined;) {
    const current = at.session_id === run.session_id ? run.agent_name : at.agent_name;
    levels.unshift([...at.handed_over, current]);
    at = at.parent && log.state.conversations.get(at.parent.session_id);
  }
  const names = new Set(levels.flat());
  // The caller is the last one, also where it had the conversation before.
  names.delete(run.agent_name);
  return [...names, run.agent_name].flatMap((name) => team.agents.find((agent) => agent.name === name) ?? []);
}
