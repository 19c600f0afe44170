import type { Message } from '../../../protocol/message.ts';
import type { RunState } from '../../fold/run-state.ts';
import { conversationOf, type LoopContext } from '../../loop/context.ts';

/** What the model said last, and the person before it: the fields of `after_llm_call` and `stop`. */
export function lastWords(
  context: LoopContext,
  run: RunState,
): { stop_response: string; last_user_message: string } {
  const { messages } = conversationOf(context, run);
  return {
    stop_response: lastOf(messages, 'assistant'),
    last_user_message: lastOf(messages, 'user'),
  };
}

function lastOf(messages: readonly Message[], role: Message['role']): string {
  return messages.findLast((message) => message.role === role)?.content ?? '';
}

/** The messages of this run's input that no model has answered yet, with their places in the conversation. */
export function freshPrompts(context: LoopContext, run: RunState): { position: number; content: string }[] {
  const { messages, inputs } = conversationOf(context, run);
  const first = messages.findLastIndex(({ role }) => role === 'assistant') + 1;
  return messages.slice(first).flatMap(({ message_id, content }, index) => {
    const isInput = inputs?.run_id === run.run_id && inputs.message_ids.has(message_id);
    return isInput ? [{ position: first + index, content }] : [];
  });
}
