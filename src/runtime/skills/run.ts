import type { RunSkill } from '../../protocol/skills.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';
import type { DelegateRequest } from '../../tools/tool.ts';
import type { CallState } from '../fold/call-state.ts';
import type { LoopContext } from '../loop/context.ts';
import type { Skill } from './types.ts';
import { pinnedOf } from './view.ts';

/** What a sub-agent is told that is started for a skill; undefined where it is started for none. A text is why it is not. */
export function skillForRun(
  context: Pick<LoopContext, 'skills'>,
  call: Pick<CallState, 'source'>,
  agent: ResolvedAgent,
  { skill: name }: DelegateRequest,
): RunSkill | undefined | string {
  if (name === undefined) return undefined;
  const skills = pinnedOf(agent, context.skills);
  const found = skills.find((skill) => skill.name === name);
  if (found === undefined || (found.for_person_alone && call.source !== 'command')) {
    const names = skills.filter((skill) => !skill.for_person_alone).map((skill) => skill.name);
    return `There is no skill named ${name}. There are: ${names.join(', ')}.`;
  }
  return { ...asRunSkill(found), instruction: found.text };
}

export function asRunSkill({ name, allowed_tools }: Skill): RunSkill {
  return { name, ...(allowed_tools === undefined ? {} : { allowed_tools }) };
}
