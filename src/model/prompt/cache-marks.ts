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
 * Changes the given array, never its messages.
 * @param systemParts how many system messages it begins with
 */
export function markForCache(prompt: LanguageModelV4Prompt, systemParts: number): void {
  const mark = (index: number): void => {
    const message = prompt[index];
    if (message !== undefined) prompt[index] = marked(message);
  };
  mark(systemParts - 1);
  const end = prompt.length - 1;
  if (end < systemParts) return;
  mark(end);
  const previousAnswer = prompt.findLastIndex((message) => message.role === 'assistant');
  if (previousAnswer > systemParts && previousAnswer !== end) mark(previousAnswer - 1);
}
