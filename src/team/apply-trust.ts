import type { ResolvedTeam } from '../protocol/team.ts';
import type { Resolution } from './resolution.ts';

const UNTIL = 'is ignored until the team is trusted (--trust)';

/** The team as far as it counts without a yes (R4): denies and asks stay, what loosens decisions goes, each with a warning. */
export function withoutTrust(team: ResolvedTeam, resolution: Resolution): ResolvedTeam {
  team.permissions.allow.forEach((pattern, index) =>
    resolution.warn(`permissions.allow[${index}]`, `the allow rule "${pattern}" ${UNTIL}`),
  );
  if (team.safety === 'autonomous') resolution.warn('safety', `safety autonomous ${UNTIL}`);
  const agents = team.agents.map((agent) => {
    const path = resolution.pathOf('agents', agent.name);
    if (agent.skills?.local === true)
      resolution.warn(`${path}.skills`, `of "skills", those of your home: giving them to it ${UNTIL}`);
    if (agent.safety === 'autonomous') resolution.warn(`${path}.safety`, `safety autonomous ${UNTIL}`);
    const toolsets = agent.toolsets.map((toolset, index) => {
      if (toolset.trusted !== true) return toolset;
      resolution.warn(`${path}.toolsets[${index}].trusted`, `the trust mark ${UNTIL}`);
      const { trusted: _ignored, ...rest } = toolset;
      return rest;
    });
    // They hold the run until the yes, and stand in no untrusted team.
    const { hooks: _held, ...rest } = agent;
    return withoutAutonomous({ ...rest, toolsets });
  });
  return withoutAutonomous({
    ...team,
    agents,
    permissions: { ...team.permissions, allow: [] },
    trusted: false,
  });
}

function withoutAutonomous<T extends { safety?: ResolvedTeam['safety'] }>(holder: T): T {
  if (holder.safety !== 'autonomous') return holder;
  const { safety: _ignored, ...rest } = holder;
  return rest as T;
}
