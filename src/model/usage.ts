import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { Usage } from '../protocol/message.ts';

/**
 * The provider's counts in the peer's form (reference/docker-agent.md 7.9): `input_tokens` leaves out what the cache read or
 * wrote, so that the four numbers are disjoint and each has its own price.
 */
export function usageOf(reported: LanguageModelV4Usage): { usage: Usage; known: boolean } {
  const { inputTokens, outputTokens } = reported;
  const read = inputTokens.cacheRead ?? 0;
  const written = inputTokens.cacheWrite ?? 0;
  const fresh = inputTokens.noCache ?? Math.max(0, (inputTokens.total ?? 0) - read - written);
  const usage: Usage = {
    input_tokens: fresh,
    output_tokens: outputTokens.total ?? 0,
    cached_input_tokens: read,
    cached_write_tokens: written,
    ...(outputTokens.reasoning === undefined ? {} : { reasoning_tokens: outputTokens.reasoning }),
  };
  return { usage, known: inputTokens.total !== undefined || outputTokens.total !== undefined };
}

/** Tokens that this call filled of the model's context, answer included. */
export function contextTokens(usage: Usage): number {
  return usage.input_tokens + usage.cached_input_tokens + usage.cached_write_tokens + usage.output_tokens;
}
