import { YonderError } from '../../protocol/errors.ts';
import type { RunSkill } from '../../protocol/skills.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';
import type { LoopContext } from '../loop/context.ts';
import { asRunSkill } from './run.ts';
import { textOf } from './shelf.ts';
import { pinnedOf } from './view.ts';

/** What a person's `/name` of a skill stands for, in the form of a team's command. */
export interface SkillText {
  calls(): { tool: string; args: Record<string, unknown> }[];
  text(results: readonly string[]): string;
  /** What the run goes on with; absent where the skill is done by a sub-agent. */
  skill?: RunSkill;
}

/** A skill's text with what was typed at its end, or the answer of a sub-agent that worked by it. Nothing of either is looked through (R32). */
export function skillText(
  context: Pick<LoopContext, 'skills'>,
  agent: ResolvedAgent,
  { name, arguments: words }: { name: string; arguments: readonly string[] },
): SkillText {
  const { skills: pinned } = context;
  const found = pinnedOf(agent, pinned).find((skill) => skill.name === name);
  if (found === undefined || pinned === undefined || found.for_model_alone)
    throw new YonderError('not_found', `${agent.name} has no skill /${name} any more`);
  const typed = words.join(' ').trim();
  if (!found.fork) {
    const whole = textOf(found, pinned);
    return {
      calls: () => [],
      text: () => (typed === '' ? whole : `${whole}\n\n${typed}`),
      skill: asRunSkill(found),
    };
  }
  const task = typed === '' ? 'Do what the skill says.' : typed;
  return {
    calls: () => [{ tool: 'run_skill', args: { name, task } }],
    text: ([answer = '']) =>
      `A sub-agent worked by the skill ${name}. Its task:\n${task}\n\nIts answer:\n${answer}`,
  };
}
