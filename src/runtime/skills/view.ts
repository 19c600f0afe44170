import type { ResolvedAgent } from '../../protocol/team.ts';
import type { PinnedSkills, Skill, SkillCatalog } from './types.ts';

/** The skills that an agent has, each name once: the first of it in the catalog's order. */
export function skillsOf(agent: Pick<ResolvedAgent, 'skills'>, catalog: SkillCatalog): Skill[] {
  const chosen = new Map<string, Skill>();
  for (const skill of catalog.skills)
    if (isChosen(agent, skill) && !chosen.has(skill.name)) chosen.set(skill.name, skill);
  return [...chosen.values()];
}

function isChosen({ skills }: Pick<ResolvedAgent, 'skills'>, skill: Skill): boolean {
  if (skills === undefined) return false;
  if (skills.names !== undefined && !skills.names.includes(skill.name)) return false;
  return skill.source === 'team' ? skills.folders.includes(skill.root) : skills.local;
}

/** What was pinned, seen by one agent; nothing where nothing is pinned. */
export function pinnedOf(agent: Pick<ResolvedAgent, 'skills'>, pinned: PinnedSkills | undefined): Skill[] {
  return pinned === undefined ? [] : skillsOf(agent, pinned.catalog);
}

/** What a person should know of a team's skills beside what was found: names that are twice, and names that are nowhere. */
export function viewWarnings(agents: readonly ResolvedAgent[], catalog: SkillCatalog): string[] {
  const warnings = new Set<string>();
  for (const agent of agents) {
    const taken = new Map<string, Skill>();
    for (const skill of catalog.skills.filter((one) => isChosen(agent, one))) {
      const first = taken.get(skill.name);
      if (first === undefined) taken.set(skill.name, skill);
      else
        warnings.add(
          `there are two skills named ${skill.name}: ${first.place} is used, ${skill.place} is not; give one of them another name`,
        );
    }
    for (const name of agent.skills?.names ?? []) {
      if (taken.has(name)) continue;
      const known = [...new Set(catalog.skills.map((skill) => skill.name))];
      const there = known.length === 0 ? 'there are none' : `there are ${known.slice(0, 20).join(', ')}`;
      warnings.add(`the agent ${agent.name} names the skill ${name}, which was not found; ${there}`);
    }
    for (const name of Object.keys(agent.commands ?? {})) {
      const skill = taken.get(name);
      if (skill !== undefined && !skill.for_model_alone)
        warnings.add(
          `/${name} is the command of ${agent.name}; the skill ${skill.place} of the same name is for the model alone`,
        );
    }
  }
  return [...warnings];
}
