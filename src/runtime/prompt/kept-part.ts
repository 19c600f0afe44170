import type { Message } from '../../protocol/message.ts';
import type { ConversationState } from '../fold/state.ts';
import { estimateMessage } from './tokens.ts';

/** Estimated tokens of the newest messages that stay as they are (reference 7.6). */
const KEEP_TOKENS = 20_000;
/** And at most this share of a window, which may be smaller than that. */
const KEEP_SHARE = 0.25;
/** Of each result of a tool, where all of them would not fit into the request for a summary. Characters. */
const RESULT_LENGTH = 2_000;
/** Share of a window that such a request may fill. */
const REQUEST_SHARE = 0.6;

/**
 * Where the kept part begins: the newest messages within the budget, never between a call and its results, and never behind what a
 * person has just said, so that the model gets it as it was said. `window_start` where there is nothing to summarise.
 */
export function firstKept(
  conversation: Pick<ConversationState, 'messages' | 'window_start' | 'usage'>,
  reason: 'threshold' | 'overflow' | 'manual',
): number {
  const { messages, window_start } = conversation;
  const budget = budgetOf(conversation, reason);
  let tokens = 0;
  let start = messages.length;
  while (start > window_start) {
    tokens += estimateMessage(messages[start - 1] as Message);
    if (tokens > budget) break;
    start -= 1;
  }
  while (start < messages.length && messages[start]?.role === 'tool') start += 1;
  return Math.min(start, newlySaid(messages));
}

function budgetOf(
  conversation: Parameters<typeof firstKept>[0],
  reason: 'threshold' | 'overflow' | 'manual',
): number {
  const { messages, window_start, usage } = conversation;
  const limit = usage.context_limit > 0 ? usage.context_limit * KEEP_SHARE : KEEP_TOKENS;
  const most = Math.min(KEEP_TOKENS, limit);
  if (reason === 'threshold') return most;
  // What was asked for, or has to help, always takes something.
  const whole = messages.slice(window_start).reduce((sum, message) => sum + estimateMessage(message), 0);
  return Math.min(most, Math.floor(whole / 2));
}

/** The first of the messages of a person that the model has not answered yet. */
function newlySaid(messages: readonly Message[]): number {
  let start = messages.length;
  while (start > 0 && messages[start - 1]?.role === 'user') start -= 1;
  return start;
}

/**
 * Messages as plain turns of talk: a summary needs no live calls, and providers refuse calls whose tools are not offered. Long results
 * are cut where the whole would not fit.
 */
export function asTalk(messages: readonly Message[], context_limit: number): Message[] {
  const whole = messages.reduce((sum, message) => sum + estimateMessage(message), 0);
  const isLong = context_limit > 0 && whole > context_limit * REQUEST_SHARE;
  return messages.map(({ message_id, role, content, tool_calls, parts, created_at }) => {
    if (role === 'tool') {
      const text =
        isLong && content.length > RESULT_LENGTH ? `${content.slice(0, RESULT_LENGTH)} [...]` : content;
      return { message_id, role: 'user', content: `[result]\n${text}`, created_at };
    }
    const calls = (tool_calls ?? []).map(
      (call) => `[called ${call.function.name} ${call.function.arguments}]`,
    );
    const files = (parts ?? []).map((part) =>
      part.type === 'text' ? part.text : `[file ${part.name ?? part.blob_id}, ${part.media_type}]`,
    );
    return { message_id, role, content: [content, ...files, ...calls].join('\n'), created_at };
  });
}
