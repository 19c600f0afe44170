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
 * Changes the given array, never its messages. Returns what takes the marks off again.
 * @param systemParts how many system messages it begins with
 */
export function markForCache(prompt: LanguageModelV4Prompt, systemParts: number): () => void {
  const before = new Map<number, LanguageModelV4Message>();
  const mark = (index: number): void => {
    const message = prompt[index];
    if (message === undefined) return;
    before.set(index, message);
    prompt[index] = marked(message);
  };
  const unmark = (): void => {
    for (const [index, message] of before) prompt[index] = message;
  };
  mark(systemParts - 1);
  const end = prompt.length - 1;
  if (end < systemParts) return unmark;
  mark(end);
  const previousAnswer = prompt.findLastIndex((message) => message.role === 'assistant');
  if (previousAnswer > systemParts && previousAnswer !== end) mark(previousAnswer - 1);
  return unmark;
}
