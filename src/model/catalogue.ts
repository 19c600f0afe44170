import type { Usage } from '../protocol/message.ts';
import { PROVIDERS } from '../protocol/providers.ts';
import type { ListedModel, ModelFacts, ModelPrice } from './call.ts';
import type { Env } from './keys.ts';

type Prices = typeof import('@pydantic/genai-prices');

let loading: Promise<Prices> | undefined;

/** The catalogue is large and rarely needed at once, so it is loaded on first use and kept. */
function catalogue(): Promise<Prices> {
  loading ??= import('@pydantic/genai-prices');
  return loading;
}

/** The catalogue's names of our providers. Local models and gateways are not in it: their price is not known to us. */
const CATALOGUE_IDS: Record<string, string> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  groq: 'groq',
  openrouter: 'openrouter',
  mistral: 'mistral',
  xai: 'x-ai',
  azure: 'azure',
};

function amount(price: unknown): number | undefined {
  if (typeof price === 'number') return price;
  const base = typeof price === 'object' && price !== null && 'base' in price ? price.base : undefined;
  return typeof base === 'number' ? base : undefined;
}

function priceOf(modelPrice: Record<string, unknown>): ModelPrice | undefined {
  const input = amount(modelPrice['input_mtok']);
  const output = amount(modelPrice['output_mtok']);
  if (input === undefined || output === undefined) return undefined;
  const read = amount(modelPrice['cache_read_mtok']);
  const write = amount(modelPrice['cache_write_mtok']);
  return {
    input,
    output,
    ...(read === undefined ? {} : { cache_read: read }),
    ...(write === undefined ? {} : { cache_write: write }),
  };
}

export interface PricedFacts extends ModelFacts {
  /** US dollars for this usage; absent when the price is not known. */
  cost?: number;
}

/** What the catalogue knows of a model, and what `usage` costs there. Unknown things are absent, never 0. */
export async function factsOf(provider: string, model: string, usage?: Usage): Promise<PricedFacts> {
  const providerId = CATALOGUE_IDS[provider];
  if (providerId === undefined) return {};
  const { calcPrice } = await catalogue();
  const counted = usage ?? {
    input_tokens: 0,
    output_tokens: 0,
    cached_input_tokens: 0,
    cached_write_tokens: 0,
  };
  // The catalogue counts cache reads and writes as part of the input.
  const found = calcPrice(
    {
      input_tokens: counted.input_tokens + counted.cached_input_tokens + counted.cached_write_tokens,
      output_tokens: counted.output_tokens,
      cache_read_tokens: counted.cached_input_tokens,
      cache_write_tokens: counted.cached_write_tokens,
    },
    model,
    { providerId },
  );
  if (found === null) return {};
  const price = priceOf(found.model_price);
  return {
    ...(price === undefined ? {} : { price }),
    ...(found.model.context_window === undefined ? {} : { context_limit: found.model.context_window }),
    ...(usage === undefined || price === undefined ? {} : { cost: found.total_price }),
  };
}

/** The catalogue's current models of the providers that this release speaks to, in the order of the providers. */
export async function listModels(env: Env): Promise<ListedModel[]> {
  const { findProvider, calcPrice } = await catalogue();
  const listed: ListedModel[] = [];
  for (const [provider, facts] of Object.entries(PROVIDERS)) {
    const token_key = 'token_key' in facts ? facts.token_key : undefined;
    const providerId = CATALOGUE_IDS[provider];
    if ('later' in facts || token_key === undefined || providerId === undefined) continue;
    const key_present = (env(token_key) ?? '') !== '';
    for (const model of findProvider({ providerId })?.models ?? []) {
      if (model.deprecated === true) continue;
      const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, model.id, { providerId });
      const price = found === null ? undefined : priceOf(found.model_price);
      listed.push({
        provider,
        model: model.id,
        token_key,
        key_present,
        ...(price === undefined ? {} : { price }),
        ...(model.context_window === undefined ? {} : { context_limit: model.context_window }),
      });
    }
  }
  return listed;
}
