import type {
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';

const MARK: SharedV4ProviderOptions = { anthropic: { cacheControl: { type: 'ephemeral' } } };

function marked(message: LanguageModelV4Message): LanguageModelV4Message {
  return { ...message, providerOptions: { ...message.providerOptions, ...MARK } };
}

/**
 * Marks what Anthropic shall cache: tools and system parts up to the last of them, the history up to its end, and up to where
 * the previous call ended, so that this call reads what that one wrote. Three of the four marks that the API allows.
 */
export function withCacheMarks(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const result = [...prompt];
  const mark = (index: number): void => {
    const message = result[index];
    if (message !== undefined) result[index] = marked(message);
  };
  mark(result.findLastIndex((message) => message.role === 'system'));
  const end = result.length - 1;
  if (result[end]?.role === 'system') return result;
  const previousAnswer = result.findLastIndex((message) => message.role === 'assistant');
  if (end >= 0) mark(end);
  if (previousAnswer > 0 && previousAnswer !== end && result[previousAnswer - 1]?.role !== 'system') {
    mark(previousAnswer - 1);
  }
  return result;
}
