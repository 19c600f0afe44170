import { createHash } from 'node:crypto';
import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { ModelApi } from '../../protocol/providers.ts';

type ToolMessage = Extract<LanguageModelV4Message, { role: 'tool' }>;

const MISTRAL_ID = /^[A-Za-z0-9]{9}$/;

/** Mistral takes call ids of nine letters and digits alone; another provider's are shortened, the same one always to the same. */
export function mistralCallId(id: string): string {
  if (MISTRAL_ID.test(id)) return id;
  return createHash('sha256').update(id).digest('hex').slice(0, 9);
}

function withMistralIds(message: LanguageModelV4Message): LanguageModelV4Message {
  if (message.role === 'assistant') {
    return {
      ...message,
      content: message.content.map((part) =>
        part.type === 'tool-call' ? { ...part, toolCallId: mistralCallId(part.toolCallId) } : part,
      ),
    };
  }
  if (message.role !== 'tool') return message;
  return {
    ...message,
    content: message.content.map((part) =>
      part.type === 'tool-result' ? { ...part, toolCallId: mistralCallId(part.toolCallId) } : part,
    ),
  };
}

/** Mistral refuses a user message right after tool results, so the assistant says a word between them. */
function forMistral(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const result: LanguageModelV4Prompt = [];
  for (const message of prompt) {
    if (message.role === 'user' && result.at(-1)?.role === 'tool')
      result.push({ role: 'assistant', content: [{ type: 'text', text: 'I see.' }] });
    result.push(withMistralIds(message));
  }
  return result;
}

/** Google wants the results of one turn in one content, as many as there were calls, and in the order of the calls. */
function forGoogle(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const result: LanguageModelV4Prompt = [];
  let order: string[] = [];
  for (const message of prompt) {
    const last = result.at(-1);
    if (message.role === 'tool' && last?.role === 'tool') {
      result[result.length - 1] = inOrder({ ...last, content: [...last.content, ...message.content] }, order);
      continue;
    }
    if (message.role === 'assistant')
      order = message.content.flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : []));
    result.push(message);
  }
  return result;
}

function inOrder(message: ToolMessage, order: readonly string[]): ToolMessage {
  const place = (part: ToolMessage['content'][number]): number =>
    part.type === 'tool-result' ? order.indexOf(part.toolCallId) : order.length;
  return { ...message, content: message.content.toSorted((left, right) => place(left) - place(right)) };
}

/** The prompt as this wire takes it, where its package hands it on as it is; the given one is never changed. */
export function wirePrompt(api: ModelApi, prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  if (api === 'mistral') return forMistral(prompt);
  return api === 'google' ? forGoogle(prompt) : prompt;
}
