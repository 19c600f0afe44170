import type { Usage } from '../protocol/message.ts';
import { PROVIDERS } from '../protocol/providers.ts';
import type { ListedModel, ModelFacts, ModelPrice } from './call.ts';
import type { Env } from './keys.ts';
import { type CountedTokens, costOf, findModel, type PriceList, pricesAt } from './prices/price-list.ts';

const loaded = new Map<string, Promise<PriceList | undefined>>();

/** The lists are loaded on first use and kept. */
async function load(id: string): Promise<PriceList | undefined> {
  const { LISTS } = await import('./prices/lists/table.ts');
  const known = loaded.get(id);
  if (known !== undefined) return known;
  const loading = LISTS[id]?.().then((list) => list.default) ?? Promise.resolve(undefined);
  loaded.set(id, loading);
  return loading;
}

/** The catalogue's names of our providers. Local models and gateways are not in it: their price is not known to us. */
export const CATALOGUE_IDS: Record<string, string> = {
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
  const found = await findModel(load, providerId, model);
  if (found === undefined) return {};
  const { context_window } = found;
  const prices = pricesAt(found, new Date());
  const price = priceOf(prices);
  return {
    ...(price === undefined ? {} : { price }),
    ...(context_window === undefined ? {} : { context_limit: context_window }),
    ...(usage === undefined || price === undefined ? {} : { cost: costOf(prices, counted(usage)) }),
  };
}

function counted(usage: Usage): CountedTokens {
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cache_read: usage.cached_input_tokens,
    cache_write: usage.cached_write_tokens,
  };
}

/** The catalogue's current models of the providers that this release speaks to, in the order of the providers. */
export async function listModels(env: Env): Promise<ListedModel[]> {
  const listed: ListedModel[] = [];
  for (const [provider, facts] of Object.entries(PROVIDERS)) {
    const token_key = 'token_key' in facts ? facts.token_key : undefined;
    const providerId = CATALOGUE_IDS[provider];
    if ('later' in facts || token_key === undefined || providerId === undefined) continue;
    const key_present = (env(token_key) ?? '') !== '';
    for (const model of (await load(providerId))?.models ?? []) {
      if (model.deprecated === true) continue;
      const price = priceOf(pricesAt(model, new Date()));
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
