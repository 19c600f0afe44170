import { environmentReferences, expandEnvironmentReferences } from '../protocol/environment-references.ts';
import type { ResolvedTeam } from '../protocol/team.ts';
import type { Resolution } from './resolution.ts';

export type EnvironmentLookup = (name: string) => string | undefined;

/**
 * Expands `${env.X}` in the instructions of agents and toolsets, once (R32). A variable that is not set becomes empty, with a
 * warning; its name is returned, so that a run can be refused.
 */
export function expandInstructions(
  team: ResolvedTeam,
  lookup: EnvironmentLookup,
  resolution: Resolution,
): { team: ResolvedTeam; missing: string[] } {
  const missing = new Set<string>();
  function expand(path: string, text: string): string {
    const expanded = expandEnvironmentReferences(text, lookup);
    for (const name of expanded.missing) {
      missing.add(name);
      resolution.warn(path, `the variable ${name} is not set, and \${env.${name}} is empty`);
    }
    return expanded.text;
  }
  const agents = team.agents.map((agent) => {
    const path = resolution.pathOf('agents', agent.name);
    return {
      ...agent,
      instruction: expand(`${path}.instruction`, agent.instruction),
      toolsets: agent.toolsets.map((toolset, index) =>
        toolset.instruction === undefined
          ? toolset
          : {
              ...toolset,
              instruction: expand(`${path}.toolsets[${index}].instruction`, toolset.instruction),
            },
      ),
    };
  });
  return { team: { ...team, agents }, missing: [...missing] };
}

/** Warns of `${…}` that stays as it is: other expressions in an instruction, and references in texts that are not expanded. */
export function warnUnexpanded(team: ResolvedTeam, resolution: Resolution): void {
  for (const agent of team.agents) {
    const path = resolution.pathOf('agents', agent.name);
    if (/\$\{env\./.test(agent.instruction.replace(/\$\{env\.[A-Za-z_]\w*\}/g, ''))) {
      resolution.warn(
        `${path}.instruction`,
        'only ${env.NAME} is expanded; another expression stays as it is',
      );
    }
    for (const key of ['description', 'welcome_message'] as const) {
      if (environmentReferences(agent[key] ?? '').length === 0) continue;
      resolution.warn(
        `${path}.${key}`,
        '${env.NAME} is expanded in instructions alone and stays as it is here',
      );
    }
  }
}
