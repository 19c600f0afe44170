// Made from the price catalogue package by `npm run generate`.
import type { PriceList } from '../price-list.ts';

export const LISTS: Readonly<Record<string, () => Promise<{ default: PriceList }>>> = {
  anthropic: () => import('./anthropic.ts'),
  azure: () => import('./azure.ts'),
  deepseek: () => import('./deepseek.ts'),
  google: () => import('./google.ts'),
  groq: () => import('./groq.ts'),
  mistral: () => import('./mistral.ts'),
  moonshotai: () => import('./moonshotai.ts'),
  openai: () => import('./openai.ts'),
  openrouter: () => import('./openrouter.ts'),
  'x-ai': () => import('./x-ai.ts'),
};
