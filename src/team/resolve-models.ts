import { builtInProvider, openaiApiFor, PROVIDER_IDS, type ModelApi } from '../protocol/providers.ts';
import type { ResolvedModel, ResolvedProvider, ThinkingBudget } from '../protocol/team.ts';
import { THINKING_LEVELS } from '../protocol/team.ts';
import type { Resolution } from './resolution.ts';
import { listed, suggestion } from '../protocol/nearest.ts';
import type { ModelEntry, ProviderEntry, TeamFile } from './schema/team.ts';

/** The marker for "the first provider with a key", decided when a run begins. */
const AUTO: ResolvedModel = { name: 'auto', provider: 'auto', model: 'auto', api: 'auto', auto: true };

/** The declared models, with what their providers give them; the model's own value wins. */
export function resolveModels(file: TeamFile, resolution: Resolution): Map<string, ResolvedModel> {
  for (const [name, provider] of Object.entries(file.providers ?? {}))
    checkProvider(name, provider, resolution);
  const models = new Map<string, ResolvedModel>();
  for (const [name, entry] of Object.entries(file.models ?? {})) {
    const path = resolution.pathOf('models', name);
    if (entry.provider === undefined || entry.model === undefined) continue;
    const model = resolveModel(name, entry, file, { path, providerPath: `${path}.provider` }, resolution);
    if (model !== undefined) models.set(name, model);
  }
  return models;
}

/** The declared providers as they count for a model that is named when the session is there already. */
export function resolveProviders(
  file: TeamFile,
  resolution: Resolution,
): Record<string, ResolvedProvider> | undefined {
  if (file.providers === undefined) return undefined;
  // What is wrong with a provider is said where it is checked, and with its models.
  const quiet: Resolution = { ...resolution, fault: () => {}, warn: () => {} };
  const providers: [string, ResolvedProvider][] = [];
  for (const [name, entry] of Object.entries(file.providers)) {
    const at = { path: '', providerPath: '' };
    const made = resolveModel('', { provider: name, model: '' }, file, at, quiet);
    if (made === undefined) continue;
    const { name: _name, model: _model, provider_name: _own, api, ...given } = made;
    const byId = made.provider === 'openai' && entry.api_type === undefined && entry.base_url === undefined;
    providers.push([name, byId ? given : { ...given, api }]);
  }
  return Object.fromEntries(providers);
}

/**
 * The keys of the models that a text names: a key of `models`, `auto`, or `provider/model`, several with commas. A model that is named by its provider becomes
 * an entry of `models`.
 */
export function referTo(
  reference: string,
  models: Map<string, ResolvedModel>,
  file: TeamFile,
  path: string,
  resolution: Resolution,
): string[] {
  const names = reference.split(',').map((name) => name.trim());
  return names.filter((name) => refersToOne(name, models, file, path, resolution));
}

function refersToOne(
  name: string,
  models: Map<string, ResolvedModel>,
  file: TeamFile,
  path: string,
  resolution: Resolution,
): boolean {
  if (models.has(name)) return true;
  // A declared model that is faulty itself has its problem already.
  if (Object.hasOwn(file.models ?? {}, name)) return false;
  if (name === 'auto') {
    models.set('auto', AUTO);
    return true;
  }
  const slash = name.indexOf('/');
  if (slash < 1 || slash === name.length - 1) {
    const hint =
      suggestion(name, [...models.keys(), 'auto']) ||
      '; write a name from `models`, `provider/model` or `auto`';
    resolution.fault(path, name === '' ? 'a model has no name here' : `unknown model "${name}"${hint}`);
    return false;
  }
  const entry: ModelEntry = { provider: name.slice(0, slash), model: name.slice(slash + 1) };
  const model = resolveModel(name, entry, file, { path, providerPath: path }, resolution);
  if (model !== undefined) models.set(name, model);
  return model !== undefined;
}

function resolveModel(
  name: string,
  entry: ModelEntry,
  file: TeamFile,
  at: { path: string; providerPath: string },
  resolution: Resolution,
): ResolvedModel | undefined {
  const providers = file.providers ?? {};
  const providerName = entry.provider ?? '';
  const custom = Object.hasOwn(providers, providerName) ? providers[providerName] : undefined;
  const base =
    custom === undefined
      ? providerName
      : (custom.provider ?? (builtInProvider(providerName) ? providerName : 'openai'));
  const builtIn = builtInProvider(base);
  if (builtIn === undefined) {
    if (custom === undefined)
      resolution.fault(at.providerPath, unknownProvider(providerName, Object.keys(providers)));
    return undefined;
  }
  const merged: ModelEntry = { ...custom, ...entry };
  if (base === 'azure' && merged.base_url === undefined)
    resolution.fault(at.path, 'the provider azure needs a base_url');
  const {
    provider: _provider,
    model = '',
    thinking_budget,
    task_budget: _task,
    routing: _routing,
    auth: _auth,
    ...values
  } = merged;
  const inherited = Object.fromEntries(Object.entries(values).filter(([key]) => !PROVIDER_ONLY.has(key)));
  const budget = thinkingBudget(thinking_budget, at.path, resolution);
  const api = apiOf(base, builtIn.api, custom, model);
  if (api === 'google' && merged.parallel_tool_calls === false) {
    const own = entry.parallel_tool_calls !== undefined;
    resolution.warn(
      `${own ? at.path : resolution.pathOf('providers', providerName)}.parallel_tool_calls`,
      "Google's API has no such setting, so the model may ask for several calls at once all the same; take the line out",
    );
  }
  return {
    ...inherited,
    ...(values.provider_opts === undefined
      ? {}
      : { provider_opts: { ...custom?.provider_opts, ...entry.provider_opts } }),
    ...(budget === undefined ? {} : { thinking_budget: budget }),
    name,
    provider: base,
    ...(custom === undefined ? {} : { provider_name: providerName }),
    model,
    api,
  };
}

const PROVIDER_ONLY = new Set(['api_type', 'unload_api']);

/** Reference 5.3: `openai` itself decides by the model's id; providers of the team's own speak chat completions unless they say otherwise. */
function apiOf(
  base: string,
  builtIn: ModelApi | undefined,
  custom: ProviderEntry | undefined,
  model: string,
): ModelApi {
  if (custom?.api_type === 'openai_responses' || custom?.api_type === 'openai_chatcompletions')
    return custom.api_type;
  if (builtIn !== undefined) return builtIn;
  const own = custom !== undefined && custom.base_url !== undefined;
  return base === 'openai' && !own ? openaiApiFor(model) : 'openai_chatcompletions';
}

function checkProvider(name: string, provider: ProviderEntry, resolution: Resolution): void {
  const base = provider.provider;
  if (base === undefined || builtInProvider(base) !== undefined) return;
  const path = `${resolution.pathOf('providers', name)}.provider`;
  if (base === name)
    resolution.fault(
      path,
      `the provider "${name}" refers to itself; name a built-in one: ${listed(PROVIDER_IDS)}`,
    );
  else resolution.fault(path, unknownProvider(base, []));
}

function unknownProvider(name: string, declared: readonly string[]): string {
  const valid = [...declared, ...PROVIDER_IDS];
  return `unknown provider "${name}"${suggestion(name, valid) || `; there are ${listed(valid)}`}`;
}

function thinkingBudget(
  value: ModelEntry['thinking_budget'],
  path: string,
  resolution: Resolution,
): ThinkingBudget | undefined {
  // The table lets through whole numbers, the levels and mappings; only the latter are open.
  if (typeof value === 'number' || value === undefined) return value;
  const named = typeof value === 'string' ? value : value['effort'];
  const [, prefix = '', level] = typeof named === 'string' ? (/^(adaptive\/)?(\w+)$/.exec(named) ?? []) : [];
  if (level === 'adaptive' && prefix === '') return 'adaptive';
  const known = THINKING_LEVELS.find((candidate) => candidate === level);
  if (known !== undefined) return prefix === '' ? known : `adaptive/${known}`;
  resolution.warn(
    `${path}.thinking_budget`,
    'this mapping is not understood and ignored; write a number, a level, or {effort: LEVEL}',
  );
  return undefined;
}
