import { calcPrice } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { costOf, findModel, type PriceList, pricesAt } from '../../../src/model/prices/price-list.ts';
import { long } from '../../long.ts';
import { LISTS } from '../../../src/model/prices/lists/table.ts';

const load = async (id: string): Promise<PriceList | undefined> => (await LISTS[id]?.())?.default;

async function ours(id: string, name: string, tokens: [number, number, number, number], now: Date) {
  const [input, output, cache_read, cache_write] = tokens;
  const model = await findModel(load, id, name);
  if (model === undefined) return undefined;
  return [model.id, costOf(pricesAt(model, now), { input, output, cache_read, cache_write })];
}

function theirs(id: string, name: string, tokens: [number, number, number, number], now: Date) {
  const [input, output, cache_read, cache_write] = tokens;
  const found = calcPrice(
    {
      input_tokens: input + cache_read + cache_write,
      output_tokens: output,
      cache_read_tokens: cache_read,
      cache_write_tokens: cache_write,
    },
    name,
    { providerId: id, timestamp: now },
  );
  return found === null ? undefined : [found.model.id, found.total_price];
}

const ids = Object.keys(LISTS);

test.each(ids)('each model of %s costs what the catalogue package says, at any time and size', async (id) => {
  const models = (await load(id))?.models ?? [];
  expect(models.length).toBeGreaterThan(0);
  const times = [
    '2023-01-01T00:00:00Z',
    '2025-06-30T03:30:00Z',
    '2026-11-21T17:00:00Z',
    '2026-11-21T23:59:59Z',
  ];
  // A reseller has hundreds.
  const step = long ? 1 : Math.ceil(models.length / 60);
  for (const { id: name } of models.filter((_, index) => index % step === 0)) {
    for (const time of times) {
      for (const tokens of [
        [1, 1, 1, 1],
        [300_000, 7, 0, 90_000],
        [10, 0, 250_001, 0],
      ] as const) {
        const now = new Date(time);
        const [found, cost] = (await ours(id, name, [...tokens], now)) ?? [];
        const [expected, price] = theirs(id, name, [...tokens], now) ?? [];
        expect([found, name]).toEqual([expected, name]);
        if (price === undefined) expect(cost).toBeUndefined();
        else expect(cost, name).toBeCloseTo(Number(price), 12);
      }
    }
  }
});

test('names that no list has by themselves are found, or not, as the catalogue package does', async () => {
  const names = [
    'gpt-4o-mini',
    'claude-sonnet-4-5',
    'gpt-5',
    'mistral-large',
    'o3',
    'grok-4',
    'deepseek-chat',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ids),
      fc.constantFrom(...names, 'nothing-like-it', ''),
      fc.constantFrom('', '-20250929', '-2025-09-29', '-20259999', ':free', '-latest', ' '),
      fc.boolean(),
      async (id, name, ending, upper) => {
        const asked = upper ? `${name}${ending}`.toUpperCase() : `${name}${ending}`;
        const now = new Date('2026-11-21T12:00:00Z');
        const [found] = (await ours(id, asked, [1, 1, 1, 1], now)) ?? [];
        expect(found).toBe(theirs(id, asked, [1, 1, 1, 1], now)?.[0]);
      },
    ),
    { numRuns: 300 },
  );
});

test('a model that is nowhere has no price', async () => {
  expect(await findModel(load, 'openai', 'no-such-model')).toBeUndefined();
  expect(await findModel(load, 'no-such-provider', 'gpt-4o')).toBeUndefined();
});
