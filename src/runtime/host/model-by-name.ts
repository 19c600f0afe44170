import { YonderError } from '../../protocol/errors.ts';
import { builtInProvider, openaiApiFor } from '../../protocol/providers.ts';
import type { ResolvedModel, ResolvedTeam } from '../../protocol/team.ts';

/** A model of the team by its name, or `provider/model` of a built-in provider; `model_unavailable` lists what there is. */
export function modelByName(team: ResolvedTeam, name: string): ResolvedModel {
  const known = team.models[name];
  if (known !== undefined) return known;
  const slash = name.indexOf('/');
  const id = name.slice(0, Math.max(0, slash));
  const provider = builtInProvider(id);
  if (provider === undefined) {
    const names = Object.keys(team.models).join(', ');
    throw new YonderError(
      'model_unavailable',
      `there is no model ${name}; the team has ${names}, and any provider/model may be named`,
      {
        details: { models: Object.keys(team.models) },
      },
    );
  }
  const model = name.slice(slash + 1);
  return { name, provider: id, model, api: provider.api ?? openaiApiFor(model) };
}
