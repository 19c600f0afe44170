import { UnsupportedError, YonderError } from '../protocol/errors.ts';
import { builtInProvider, PROVIDER_IDS } from '../protocol/providers.ts';
import type { ResolvedModel } from '../protocol/team.ts';

export type Env = (name: string) => string | undefined;

export const KEYS_PAGE = 'docs/models-and-keys.md';

/** The variables of all providers that need a key and can be spoken to. */
export const PROVIDER_KEYS: readonly string[] = PROVIDER_IDS.flatMap((id) => {
  const facts = builtInProvider(id);
  return facts?.token_key === undefined || facts.later !== undefined ? [] : [facts.token_key];
});

/** The environment variable that holds this model's key; undefined for a provider that needs none. */
export function keyName(model: ResolvedModel): string | undefined {
  return model.token_key ?? builtInProvider(model.provider)?.token_key;
}

export function keyOf(model: ResolvedModel, env: Env): string | undefined {
  const name = keyName(model);
  const value = name === undefined ? undefined : env(name)?.trim();
  return value === '' ? undefined : value;
}

/**
 * The variable that is missing for this model. A server of one's own (`base_url` without `token_key`) may need none, so nothing is
 * missing there.
 */
export function missingKeyName(model: ResolvedModel, env: Env): string | undefined {
  const optional = model.base_url !== undefined && model.token_key === undefined;
  return optional || keyOf(model, env) !== undefined ? undefined : keyName(model);
}

/** Throws `unsupported` for a provider that this release does not speak to. */
export function requireBuilt(model: ResolvedModel): void {
  const later = builtInProvider(model.provider)?.later;
  const spoken = model.api !== 'amazon_bedrock' && model.api !== 'vertex' && model.api !== 'auto';
  if (later !== undefined || !spoken) {
    const feature = later ?? `the provider ${model.provider_name ?? model.provider}`;
    throw new UnsupportedError(feature, `in this release; name another model in place of ${model.name}`);
  }
  if (model.provider === 'azure' && model.base_url === undefined) {
    const message = `the provider azure needs base_url for the model ${model.name} (see ${KEYS_PAGE})`;
    throw new YonderError('model_unavailable', message);
  }
}

/** `provider/model` for messages, with the team's own name of the provider: it is what the person wrote. */
export function writtenName(model: ResolvedModel): string {
  return `${model.provider_name ?? model.provider}/${model.model}`;
}

export function missingKeyError(model: ResolvedModel, variable: string): YonderError {
  return new YonderError(
    'model_unavailable',
    `${writtenName(model)} needs a key: set the environment variable ${variable}, or: yonder auth login ${variable} (see ${KEYS_PAGE})`,
    { details: { variable, page: KEYS_PAGE } },
  );
}
