import { type ModelInfo, findProvider } from '@pydantic/genai-prices';
import { CATALOGUE_IDS } from '../../src/model/catalogue.ts';

/** What says something to people alone. */
function priced({ id, match, deprecated, context_window, prices }: ModelInfo): object {
  return { id, match, deprecated, context_window, prices };
}

/** The lists of our providers and of those that they resell. */
function listed(): string[] {
  const ids = Object.values(CATALOGUE_IDS);
  const resold = ids.flatMap((id) => findProvider({ providerId: id })?.fallback_model_providers ?? []);
  return [...new Set([...ids, ...resold])].toSorted();
}

/** A module per list, so that a run loads those of its providers alone. The text is parsed when it is loaded, which is faster than code. */
function listModule(id: string): string {
  const provider = findProvider({ providerId: id });
  if (provider === undefined) throw new Error(`the price catalogue has no provider ${id}`);
  const list = { models: provider.models.map(priced), fallbacks: provider.fallback_model_providers ?? [] };
  const text = JSON.stringify(JSON.stringify(list))
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'");
  return `// Made from the price catalogue package by \`npm run generate\`.
import type { PriceList } from '../price-list.ts';

export default JSON.parse(
  '${text}',
) as PriceList;
`;
}

function tableModule(): string {
  const lines = listed().map((id) => `  ${/^\w+$/.test(id) ? id : `'${id}'`}: () => import('./${id}.ts'),`);
  return `// Made from the price catalogue package by \`npm run generate\`.
import type { PriceList } from '../price-list.ts';

export const LISTS: Readonly<Record<string, () => Promise<{ default: PriceList }>>> = {
${lines.join('\n')}
};
`;
}

/** Generated files by name. */
export function priceFiles(): Record<string, () => string> {
  const folder = 'src/model/prices/lists';
  return {
    [`${folder}/table.ts`]: tableModule,
    ...Object.fromEntries(listed().map((id) => [`${folder}/${id}.ts`, () => listModule(id)])),
  };
}
