import type { RunSkill } from '../../protocol/skills.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';
import type { Tool, Toolset } from '../../tools/tool.ts';
import { findAllowing } from '../decisions/match.ts';
import { SHELL_TOOLS } from '../decisions/patterns.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LoopContext } from '../loop/context.ts';
import { shellLineOf } from '../loop/shell-call.ts';
import { leavesTool, leavesWhole, readAllowed } from './allowed-tools.ts';
import type { NarrowedAgent } from './types.ts';

/** The skills that a run and the runs above it work by, the outermost first: what one of them took away stays away (R5, R32). */
export function skillsOnChain(context: Pick<LoopContext, 'log'>, run: RunState): RunSkill[] {
  const above = run.parent && context.log.state.conversations.get(run.parent.session_id)?.run;
  return [...(above ? skillsOnChain(context, above) : []), ...(run.skill === undefined ? [] : [run.skill])];
}

/** The agent of a run: with the text of the skill that it was started for as its instruction, and with what the skills on its chain leave of its tools. */
export function agentOfRun(
  context: Pick<LoopContext, 'log' | 'skills'>,
  run: RunState,
  agent: ResolvedAgent,
): NarrowedAgent {
  const chain = skillsOnChain(context, run);
  if (chain.length === 0) return agent;
  const text = run.skill?.instruction && context.skills?.texts.get(run.skill.instruction);
  const narrowed = chain.filter(({ allowed_tools }) => allowed_tools !== undefined);
  return {
    ...agent,
    ...(text === undefined ? {} : { instruction: text }),
    ...(narrowed.length === 0 ? {} : { narrowed }),
  };
}

/** A key by which toolsets of the same narrowing are the same; empty where nothing is narrowed. */
export function narrowingKey({ narrowed = [] }: NarrowedAgent): string {
  return narrowed.length === 0 ? '' : JSON.stringify(narrowed.map(({ allowed_tools }) => allowed_tools));
}

/** What is left of an agent's tools. A skill can always read its own files: it is text that the agent may have. */
export function narrowToolsets(toolsets: readonly Toolset[], { narrowed = [] }: NarrowedAgent): Toolset[] {
  const lists = narrowed.map(({ allowed_tools = [] }) => readAllowed(allowed_tools));
  const isLeft = (tool: Tool): boolean =>
    (tool.toolset === 'skills' && tool.builtin !== false && tool.definition.name === 'read_skill_file') ||
    lists.every((allowed) => leavesTool(allowed, tool));
  return toolsets
    .map((toolset) => ({ ...toolset, tools: toolset.tools.filter(isLeft) }))
    .filter(({ tools }) => tools.length > 0);
}

/** Why a shell line is not one that the skills of its run leave; undefined where it is. */
export async function outsideSkill(
  context: Pick<LoopContext, 'log' | 'working_dir'>,
  run: RunState,
  tool: Tool,
  args: Record<string, unknown>,
): Promise<string | undefined> {
  if (tool.builtin === false || tool.toolset !== 'shell' || !SHELL_TOOLS.has(tool.definition.name))
    return undefined;
  for (const { name, allowed_tools } of skillsOnChain(context, run)) {
    if (allowed_tools === undefined) continue;
    const allowed = readAllowed(allowed_tools);
    if (leavesWhole(allowed, tool)) continue;
    const shell = await shellLineOf(tool.access(args).shell?.line ?? '');
    const call = {
      toolset: tool.toolset,
      tool: tool.definition.name,
      builtin: true,
      effect: tool.effect,
      args,
      paths: [],
      network: false,
      shell,
    };
    if (findAllowing(allowed.lines, { call, workspace: context.working_dir }).length === 0)
      return `The skill ${name} leaves no such line: its allowed-tools are ${allowed_tools.join(', ')}.`;
  }
  return undefined;
}
