/**
 * Reads the lists of prices that `npm run generate` takes out of the catalogue package, provider by provider. The package itself holds
 * every provider of the field and sorts its units when it is loaded, which costs a short run a tenth of its time; a test compares what
 * is found here with what it says, for every model.
 */

type Match =
  | { or: Match[] }
  | { and: Match[] }
  | { equals: string }
  | { starts_with: string }
  | { ends_with: string }
  | { contains: string }
  | { regex: string };

/** US dollars for a million; with tiers, by how much input the call had. */
type Price = number | { base: number; tiers: { start: number; price: number }[] };
type Prices = Readonly<Record<string, Price | undefined>>;

type Constraint =
  | { type: 'start_date'; start_date: string }
  | { type: 'time_of_date'; start_time: string; end_time: string };

export interface PricedModel {
  id: string;
  match: Match;
  deprecated?: boolean;
  /** Tokens. */
  context_window?: number;
  prices: Prices | readonly { constraint?: Constraint; prices: Prices }[];
}

export interface PriceList {
  models: readonly PricedModel[];
  /** Lists to look into for a model that is not in this one. */
  fallbacks: readonly string[];
}

/** Loads a provider's list; undefined when there is none. */
export type LoadList = (id: string) => Promise<PriceList | undefined>;

/** The model that a name stands for, dated names and the lists that a provider resells included. */
export async function findModel(load: LoadList, id: string, name: string): Promise<PricedModel | undefined> {
  const wanted = name.toLowerCase().trim();
  return (await find(load, id, wanted)) ?? (await find(load, id, withDashes(wanted)));
}

async function find(load: LoadList, id: string, name: string): Promise<PricedModel | undefined> {
  const list = await load(id);
  const own = list?.models.find((model) => matches(model.match, name));
  if (own !== undefined || list === undefined) return own;
  for (const other of list.fallbacks) {
    const found = (await load(other))?.models.find((model) => matches(model.match, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `-20240806` as `-2024-08-06`. */
function withDashes(name: string): string {
  return name.replace(/-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, '-$1-$2-$3');
}

function matches(match: Match, name: string): boolean {
  if ('or' in match) return match.or.some((one) => matches(one, name));
  if ('and' in match) return match.and.every((one) => matches(one, name));
  if ('equals' in match) return name === match.equals.toLowerCase();
  if ('starts_with' in match) return name.startsWith(match.starts_with.toLowerCase());
  if ('ends_with' in match) return name.endsWith(match.ends_with.toLowerCase());
  if ('contains' in match) return name.includes(match.contains.toLowerCase());
  return new RegExp(match.regex).test(name);
}

/** The prices that hold at a time: of several, the last that has begun, or whose hours of the day it is. */
export function pricesAt(model: PricedModel, now: Date): Prices {
  if (!isList(model.prices)) return model.prices;
  const held = model.prices.findLast(({ constraint }) => constraint === undefined || holds(constraint, now));
  return (held ?? model.prices[0])?.prices ?? {};
}

const isList = (prices: PricedModel['prices']): prices is Exclude<PricedModel['prices'], Prices> =>
  Array.isArray(prices);

function holds(constraint: Constraint, now: Date): boolean {
  if (constraint.type === 'start_date') return now >= new Date(constraint.start_date);
  const time = now.toISOString().slice(11, 23);
  const [start, end] = [hours(constraint.start_time), hours(constraint.end_time)];
  return end < start ? time >= start || time < end : time >= start && time < end;
}

/** `06:30`, `06:30:00`, `06:30:00Z` as `06:30:00.000`, in UTC. */
function hours(time: string): string {
  const [hour = '00', minute = '00', second = '00'] = time.replace(/(Z|\+00:00)$/, '').split(':');
  return `${hour}:${minute}:${second.includes('.') ? second : `${second}.000`}`;
}

export interface CountedTokens {
  /** Read from no cache and written to none. */
  input: number;
  output: number;
  cache_read: number;
  cache_write: number;
}

/** US dollars. What has no price of its own for the cache costs as input. */
export function costOf(prices: Prices, tokens: CountedTokens): number {
  const all = tokens.input + tokens.cache_read + tokens.cache_write;
  const each = (key: string): number | undefined => {
    const price = prices[key];
    if (price === undefined || typeof price === 'number') return price;
    return price.tiers.findLast(({ start }) => all > start)?.price ?? price.base;
  };
  const input = each('input_mtok') ?? 0;
  const millions =
    tokens.input * input +
    tokens.cache_read * (each('cache_read_mtok') ?? input) +
    tokens.cache_write * (each('cache_write_mtok') ?? input) +
    tokens.output * (each('output_mtok') ?? 0);
  return millions / 1e6 + (each('requests_kcount') ?? 0) / 1000;
}
