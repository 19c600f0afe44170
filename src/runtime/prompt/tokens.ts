import type { Message } from '../../protocol/message.ts';

/** Estimate of reference Appendix C: a token for each four characters, and five for each message. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

export function estimateMessage(message: Message): number {
  let characters = message.content.length;
  for (const call of message.tool_calls ?? [])
    characters += call.function.name.length + call.function.arguments.length;
  return Math.ceil(characters / 4) + 5;
}
