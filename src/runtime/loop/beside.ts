import type { ResolvedAgent } from '../../protocol/team.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { agentOf, type LoopContext } from './context.ts';

/**
 * Whether a call may run beside others of its turn. A task that is handed on may where nothing that its agent can come to do changes
 * files or runs commands: two agents would work in one folder without knowing of each other (R38), and a snapshot could not tell whose
 * change is whose (R37).
 */
export function isParallel(context: LoopContext, run: RunState, { call }: CallState): boolean {
  const tools = context.toolsets(agentOf(context, run)).flatMap((toolset) => toolset.tools);
  const tool = tools.find((candidate) => candidate.definition.name === call.function.name);
  if (tool === undefined || tool.effect !== 'delegate') return tool?.parallel ?? false;
  // Requests that are answered in the order of a recording would get each other's answers.
  if (context.plays_in_order) return false;
  const parsed = tool.parse(call.function.arguments);
  const name = parsed.ok ? tool.access(parsed.args).delegate : undefined;
  return name === undefined || reachable(context, name).every((agent) => leavesFilesAlone(context, agent));
}

function leavesFilesAlone(context: LoopContext, agent: ResolvedAgent): boolean {
  // What a server does is known to nobody here.
  if (agent.toolsets.some(({ type }) => type === 'mcp')) return false;
  const tools = context.toolsets(agent).flatMap((toolset) => toolset.tools);
  // What an agent hands on is judged by who gets it.
  return tools.every((tool) => tool.beside || tool.effect === 'delegate');
}

/** An agent, and all that it can hand its work to. */
function reachable(context: LoopContext, name: string): ResolvedAgent[] {
  const found = new Map<string, ResolvedAgent>();
  const names = [name];
  for (let next = names.pop(); next !== undefined; next = names.pop()) {
    const agent = context.team.agents.find((candidate) => candidate.name === next);
    if (agent === undefined || found.has(next)) continue;
    found.set(next, agent);
    names.push(...agent.sub_agents, ...agent.handoffs);
  }
  return [...found.values()];
}
