import type { Message } from '../../../protocol/message.ts';
import type { RunState } from '../../fold/state.ts';
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

/** The messages of this run's input that no model has answered yet. */
export function freshPrompts(context: LoopContext, run: RunState): Message[] {
  const { messages, inputs } = conversationOf(context, run);
  const answered = messages.findLastIndex(({ role }) => role === 'assistant');
  return messages
    .slice(answered + 1)
    .filter(({ message_id }) => inputs?.run_id === run.run_id && inputs.message_ids.has(message_id));
}
