import { YonderError } from '../protocol/errors.ts';
import { builtInProvider, openaiApiFor, type ModelApi } from '../protocol/providers.ts';
import type { ResolvedModel } from '../protocol/team.ts';
import { KEYS_PAGE, type Env } from './keys.ts';

/** The order and the models of reference/docker-agent.md 4.3, less the providers that this release does not speak to. */
const CLOUD = [
  { provider: 'anthropic', model: 'claude-sonnet-4-6' },
  { provider: 'openai', model: 'gpt-5-mini' },
  { provider: 'google', model: 'gemini-2.5-flash' },
  { provider: 'mistral', model: 'mistral-small-latest' },
] as const;

/** The variables that decide what `auto` is. */
export const AUTO_KEYS: readonly string[] = CLOUD.flatMap(
  ({ provider }) => builtInProvider(provider)?.token_key ?? [],
);

/** Models on this machine, asked in this order. */
const LOCAL = ['ollama', 'dmr'] as const;

function resolved(provider: string, model: string): ResolvedModel {
  const facts = builtInProvider(provider);
  const api: ModelApi = facts?.api ?? openaiApiFor(model);
  return {
    name: `${provider}/${model}`,
    provider,
    model,
    api,
    ...(facts?.base_url === undefined ? {} : { base_url: facts.base_url }),
    ...(facts?.token_key === undefined ? {} : { token_key: facts.token_key }),
  };
}

/** The first model that a local server offers, or undefined when none answers in time. */
async function localModel(
  provider: string,
  fetchModels: typeof fetch,
  within: number,
): Promise<string | undefined> {
  const base = builtInProvider(provider)?.base_url;
  if (base === undefined) return undefined;
  try {
    const response = await fetchModels(`${base}/models`, {
      signal: AbortSignal.timeout(within),
    });
    const listed: unknown = await response.json();
    const data = typeof listed === 'object' && listed !== null && 'data' in listed ? listed.data : undefined;
    const first: unknown = Array.isArray(data) ? data[0] : undefined;
    const id = typeof first === 'object' && first !== null && 'id' in first ? first.id : undefined;
    return response.ok && typeof id === 'string' ? id : undefined;
  } catch {
    return undefined; // nobody listens there, or no model server does: that is the answer to the question
  }
}

export function noModelError(): YonderError {
  const keys = CLOUD.map(({ provider }) => builtInProvider(provider)?.token_key).join(', ');
  return new YonderError(
    'model_unavailable',
    [
      `No model: set one of ${keys} (see ${KEYS_PAGE}),`,
      'or start a local model (ollama on port 11434, Docker Model Runner on port 12434),',
      'or see Yonder work without any model: yonder demo',
    ].join('\n'),
    { details: { page: KEYS_PAGE } },
  );
}

/** The network code is loaded by the first request, which can take longer than a local server may: so one that goes nowhere. */
async function warmUp(fetchModels: typeof fetch): Promise<void> {
  try {
    await fetchModels('data:,');
  } catch {
    return; // a fetch that takes no such address has nothing to load either
  }
}

/**
 * `model: auto`: the first provider with a key, else a local model that answers; through a gateway, which has the keys, the
 * first provider. Throws `model_unavailable`.
 * @param within milliseconds that a local server gets
 */
export async function resolveAuto(
  env: Env,
  fetchModels: typeof fetch,
  within: number,
  throughGateway = false,
): Promise<ResolvedModel> {
  const [{ provider: first, model: firstModel }] = CLOUD;
  if (throughGateway) return resolved(first, firstModel);
  for (const { provider, model } of CLOUD) {
    const variable = builtInProvider(provider)?.token_key;
    if (variable !== undefined && (env(variable) ?? '').trim() !== '') return resolved(provider, model);
  }
  await warmUp(fetchModels);
  const local = await Promise.all(LOCAL.map((provider) => localModel(provider, fetchModels, within)));
  for (const [index, model] of local.entries()) {
    const provider = LOCAL[index];
    if (model !== undefined && provider !== undefined) return resolved(provider, model);
  }
  throw noModelError();
}

/** `model: auto` while a cassette plays: the provider and model that it was recorded with, without any key. */
export function autoOfRecording(
  first: { host: string; body: string; path: string } | undefined,
): ResolvedModel {
  const fallback = CLOUD[0];
  if (first === undefined) return resolved(fallback.provider, fallback.model);
  const known = CLOUD.find(({ provider }) => hostOf(provider) === first.host);
  const provider = known?.provider ?? (first.path.endsWith('/messages') ? 'anthropic' : 'openai');
  const model = /"model"\s*:\s*"([^"\\]+)"/.exec(first.body)?.[1] ?? known?.model ?? 'gpt-5-mini';
  const made = resolved(provider, model);
  if (provider !== 'openai') return made;
  return { ...made, api: first.path.endsWith('/responses') ? 'openai_responses' : 'openai_chatcompletions' };
}

function hostOf(provider: string): string {
  const base = builtInProvider(provider)?.base_url;
  return base === undefined ? `api.${provider}.com` : new URL(base).host;
}
