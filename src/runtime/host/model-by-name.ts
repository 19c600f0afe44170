import { YonderError } from '../../protocol/errors.ts';
import { builtInProvider, openaiApiFor, type BuiltInProvider } from '../../protocol/providers.ts';
import type { ResolvedModel, ResolvedTeam } from '../../protocol/team.ts';

/**
 * A model of the team by its name, or `provider/model`: of a provider that the team declares, with all that it gives to its models, else of a
 * built-in one. `model_unavailable` lists what there is.
 */
export function modelByName(team: ResolvedTeam, name: string): ResolvedModel {
  const known = Object.hasOwn(team.models, name) ? team.models[name] : undefined;
  if (known !== undefined) return known;
  const slash = name.indexOf('/');
  const id = name.slice(0, Math.max(0, slash));
  const model = name.slice(slash + 1);
  const own =
    team.providers !== undefined && Object.hasOwn(team.providers, id) ? team.providers[id] : undefined;
  const builtIn = builtInProvider(id);
  if (model === '' || (own ?? builtIn) === undefined) throw unknownModel(team, name);
  if (own !== undefined)
    return { ...own, name, provider_name: id, model, api: own.api ?? openaiApiFor(model) };
  return { name, provider: id, model, api: apiOf(builtIn, model) };
}

function apiOf(provider: BuiltInProvider | undefined, model: string): ResolvedModel['api'] {
  return provider?.api ?? openaiApiFor(model);
}

function unknownModel(team: ResolvedTeam, name: string): YonderError {
  const models = Object.keys(team.models);
  const providers = Object.keys(team.providers ?? {});
  const own = providers.length === 0 ? '' : `, with its own providers ${providers.join(', ')} too`;
  return new YonderError(
    'model_unavailable',
    `there is no model ${name}; the team has ${models.join(', ')}, and any provider/model may be named${own}`,
    { details: { models } },
  );
}
