import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultOutput,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import type { ContentPart, Message, ToolCall } from '../../protocol/message.ts';
import {
  isAccepted,
  leftOutWords,
  plainMediaType,
  textOfFile,
  type AcceptedMedia,
} from '../accepted-media.ts';

/**
 * How a wire takes things. `chat`: tool results are text alone, so their pictures follow in a user message. `rich`: pictures may
 * stand in a tool result (Anthropic, OpenAI responses).
 */
export interface PromptStyle {
  wire: 'chat' | 'rich';
  /** Reasoning that another provider wrote is left out: its signatures mean nothing here. */
  provider: string;
  /** What the model takes as it is. */
  media: AcceptedMedia;
}

/** A message of ours in the provider packages' form. */
export interface ConvertedMessage {
  message: LanguageModelV4Message;
  /** Pictures of a tool result that must follow as a user message, once all results of the turn are there. */
  following?: (LanguageModelV4TextPart | LanguageModelV4FilePart)[];
}

type LoadBlob = (blobId: string) => Promise<Uint8Array>;
type UserContent = (LanguageModelV4TextPart | LanguageModelV4FilePart)[];

/** Metadata that we stored is the provider's own JSON, given back as it came. */
function providerOptions(metadata: Record<string, unknown> | undefined): {
  providerOptions?: SharedV4ProviderOptions;
} {
  return metadata === undefined ? {} : { providerOptions: metadata as SharedV4ProviderOptions };
}

/** Arguments as the wire wants them: an object. What the model wrote wrongly is shown to it as it was. */
function argumentsOf(call: ToolCall): unknown {
  try {
    const value: unknown = JSON.parse(call.function.arguments);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Broken JSON is data here: the tool's result says that it was broken.
  }
  return { invalid_arguments: call.function.arguments };
}

async function fileParts(
  parts: readonly ContentPart[],
  style: PromptStyle,
  loadBlob: LoadBlob,
): Promise<UserContent> {
  const result: UserContent = [];
  for (const part of parts) {
    if (part.type === 'text') {
      if (part.text !== '') result.push({ type: 'text', text: part.text });
    } else {
      result.push(await filePart(part, style, loadBlob));
    }
  }
  return result;
}

async function filePart(
  part: Extract<ContentPart, { type: 'file' }>,
  { media }: PromptStyle,
  loadBlob: LoadBlob,
): Promise<LanguageModelV4TextPart | LanguageModelV4FilePart> {
  const data = await loadBlob(part.blob_id);
  const mediaType = plainMediaType(part.media_type);
  if (isAccepted(media, mediaType)) {
    const named = part.name === undefined || mediaType.startsWith('image/') ? {} : { filename: part.name };
    return { type: 'file', data: { type: 'data', data }, mediaType, ...named };
  }
  const text = textOfFile(mediaType, data);
  if (text === undefined) return { type: 'text', text: leftOutWords(part, media) };
  return { type: 'text', text: `[The file ${part.name ?? part.blob_id} (${part.media_type}):]\n${text}` };
}

async function userMessage(
  message: Message,
  style: PromptStyle,
  loadBlob: LoadBlob,
): Promise<ConvertedMessage> {
  const content: UserContent = message.content === '' ? [] : [{ type: 'text', text: message.content }];
  content.push(...(await fileParts(message.parts ?? [], style, loadBlob)));
  if (content.length === 0) content.push({ type: 'text', text: '(empty message)' });
  return { message: { role: 'user', content } };
}

function assistantMessage(message: Message, style: PromptStyle): ConvertedMessage {
  const own = message.model === undefined || message.model.startsWith(`${style.provider}/`);
  const reasoning = own ? (message.reasoning ?? []) : [];
  const calls = message.tool_calls ?? [];
  const text = message.content === '' && calls.length === 0 ? '(no answer)' : message.content;
  return {
    message: {
      role: 'assistant',
      content: [
        ...reasoning.map((part) => ({
          type: 'reasoning' as const,
          text: part.text,
          ...providerOptions(part.provider_metadata),
        })),
        ...(text === ''
          ? []
          : [{ type: 'text' as const, text, ...(own ? providerOptions(message.provider_metadata) : {}) }]),
        ...calls.map((call) => ({
          type: 'tool-call' as const,
          toolCallId: call.id,
          toolName: call.function.name,
          input: argumentsOf(call),
          ...(own ? providerOptions(call.provider_metadata) : {}),
        })),
      ],
    },
  };
}

async function toolMessage(
  message: Message,
  style: PromptStyle,
  loadBlob: LoadBlob,
  toolName: string,
): Promise<ConvertedMessage> {
  const files = await fileParts(message.parts ?? [], style, loadBlob);
  const text = message.content === '' ? '(no output)' : message.content;
  const wrap = (output: LanguageModelV4ToolResultOutput): LanguageModelV4Message => ({
    role: 'tool',
    content: [{ type: 'tool-result', toolCallId: message.tool_call_id ?? '', toolName, output }],
  });
  // The responses API wraps an error text in JSON, and chat has no place for the mark: only Anthropic and Google get it.
  const isError =
    message.is_error === true && (style.provider === 'anthropic' || style.provider === 'google');
  if (files.length === 0) return { message: wrap({ type: isError ? 'error-text' : 'text', value: text }) };
  if (style.wire === 'rich')
    return { message: wrap({ type: 'content', value: [{ type: 'text', text }, ...files] }) };
  const note: LanguageModelV4TextPart = { type: 'text', text: `Attached to the result of ${toolName}:` };
  return { message: wrap({ type: 'text', value: text }), following: [note, ...files] };
}

/**
 * Turns one message of the transcript into the provider packages' form; depends on nothing else, so that the result can be kept.
 * @param toolName of the call that a `tool` message answers
 */
export async function convertMessage(
  message: Message,
  style: PromptStyle,
  loadBlob: LoadBlob,
  toolName: string,
): Promise<ConvertedMessage> {
  switch (message.role) {
    case 'user':
      return userMessage(message, style, loadBlob);
    case 'assistant':
      return assistantMessage(message, style);
    case 'tool':
      return toolMessage(message, style, loadBlob, toolName);
    case 'system':
      // In mid-history a system message is no system part: not every wire takes one there.
      return userMessage(message, style, loadBlob);
  }
}
