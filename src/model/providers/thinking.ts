import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { ResolvedModel, ThinkingBudget } from '../../protocol/team.ts';

type Level = NonNullable<LanguageModelV4CallOptions['reasoning']>;

export interface Thinking {
  /** The neutral level; the provider package maps it to what the model takes. */
  reasoning?: Level;
  /** Options for Anthropic that the neutral level cannot say. */
  anthropic?: { thinking: Record<string, unknown> & { type: string }; effort?: string };
  /** Options for Google, which takes tokens as well as levels and shows no thoughts unless it is asked to. */
  google?: { thinkingConfig: { thinkingBudget?: number; includeThoughts: boolean } };
}

const LEAST_ANTHROPIC_TOKENS = 1024;

/** Tokens as a level, for wires that know levels only. */
function levelOfTokens(tokens: number): Level {
  if (tokens === 0) return 'none';
  if (tokens <= 2_048) return 'low';
  return tokens <= 8_192 ? 'medium' : 'high';
}

function ofAnthropic(budget: ThinkingBudget): Thinking {
  if (typeof budget === 'number') {
    if (budget === 0) return { reasoning: 'none' };
    if (budget < 0) return { anthropic: { thinking: { type: 'adaptive', display: 'summarized' } } };
    const budgetTokens = Math.max(budget, LEAST_ANTHROPIC_TOKENS);
    return { anthropic: { thinking: { type: 'enabled', budgetTokens } } };
  }
  if (!budget.startsWith('adaptive')) return { reasoning: budget as Level };
  const effort = budget.split('/')[1];
  const known = ['low', 'medium', 'high', 'xhigh', 'max'].includes(effort ?? '');
  return {
    anthropic: {
      thinking: { type: 'adaptive', display: 'summarized' },
      ...(effort !== undefined && known ? { effort } : {}),
    },
  };
}

function ofGoogle(budget: ThinkingBudget): Thinking {
  if (budget === 'none' || budget === 0)
    return { reasoning: 'none', google: { thinkingConfig: { includeThoughts: false } } };
  if (typeof budget === 'number')
    return { google: { thinkingConfig: { thinkingBudget: Math.max(budget, -1), includeThoughts: true } } };
  const shown = { google: { thinkingConfig: { includeThoughts: true } } };
  if (budget === 'adaptive') return shown;
  return { ...shown, reasoning: budget.replace('adaptive/', '') as Level };
}

/**
 * `thinking_budget` (reference/docker-agent.md 5.3) for this model. Anthropic and Google take tokens, levels and `adaptive`; the others take
 * levels, so a number of tokens becomes the nearest one, and plain `adaptive` or a negative number leaves it to the provider.
 */
export function thinkingOf(model: ResolvedModel): Thinking {
  const budget = model.thinking_budget;
  if (budget === undefined) return {};
  if (model.api === 'anthropic') return ofAnthropic(budget);
  if (model.api === 'google') return ofGoogle(budget);
  if (typeof budget === 'number') return budget < 0 ? {} : { reasoning: levelOfTokens(budget) };
  if (budget === 'adaptive') return {};
  return { reasoning: budget.replace('adaptive/', '') as Level };
}
