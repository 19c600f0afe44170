import { YonderError } from '../protocol/errors.ts';
import type { ResolvedAgent } from '../protocol/team.ts';
import { suggestion } from '../protocol/nearest.ts';

/**
 * Puts other models under agents: `[agent=]model`, several with commas; one without an agent is for all. What names an agent beats what names
 * none, and of two for the same agent the last counts. A wrong one is `invalid_request`: it came from the caller, not from the file.
 */
export function applyOverrides(
  overrides: readonly string[],
  agents: readonly ResolvedAgent[],
  refer: (reference: string, problems: string[]) => string[],
): void {
  const names = agents.map((agent) => agent.name);
  const forAll: string[] = [];
  const forOne = new Map<string, string[]>();
  for (const override of overrides.flatMap((text) => text.split(',')).map((text) => text.trim())) {
    const equals = override.indexOf('=');
    const agent = equals === -1 ? undefined : override.slice(0, equals).trim();
    if (agent !== undefined && !names.includes(agent)) {
      const hint = suggestion(agent, names) || `; there are ${names.join(', ')}`;
      throw new YonderError(
        'invalid_request',
        `model override "${override}": unknown agent "${agent}"${hint}`,
        { details: { agents: names } },
      );
    }
    const problems: string[] = [];
    const models = refer(override.slice(equals + 1).trim(), problems);
    if (problems.length > 0)
      throw new YonderError('invalid_request', `model override "${override}": ${problems.join('; ')}`);
    if (agent === undefined) forAll.splice(0, forAll.length, ...models);
    else forOne.set(agent, models);
  }
  for (const agent of agents) {
    const models = forOne.get(agent.name) ?? forAll;
    if (models.length > 0) agent.models.splice(0, agent.models.length, ...models);
  }
}
