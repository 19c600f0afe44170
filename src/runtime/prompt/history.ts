import type { Message } from '../../protocol/message.ts';
import type { ConversationState } from '../fold/state.ts';
import { CallOrder } from './call-order.ts';
import { estimateTokens } from './tokens.ts';

const TRUNCATED = '[content truncated]';

export interface HistoryLimits {
  /** Messages that the model gets beside those of the user; 0 is all. */
  num_history_items: number;
  /** Estimated tokens of tool results that stay whole, newest first; -1 keeps all. */
  max_old_tool_call_tokens: number;
}

/**
 * The messages of a conversation as the model gets them: every call answered once, adjacent and in call order, old tool
 * results cut, the summary in front. Grows with the log, so that a late turn costs what an early one does.
 */
export class History {
  readonly #conversation: ConversationState;
  readonly #limits: HistoryLimits;
  #order = new CallOrder();
  #next = 0;
  #start = -1;
  #revision = 0;
  #kept: { slot: number; tokens: number }[] = [];
  #keptFrom = 0;
  #keptTokens = 0;

  constructor(conversation: ConversationState, limits: HistoryLimits) {
    this.#conversation = conversation;
    this.#limits = limits;
  }

  /** For the next model call. The array is this history's own: read it, do not keep it. */
  messages(): readonly Message[] {
    if (this.#start !== this.#conversation.window_start || this.#revision !== this.#conversation.revision)
      this.#restart();
    const { messages } = this.#conversation;
    for (; this.#next < messages.length; this.#next += 1) this.#add(messages[this.#next] as Message);
    this.#cutOldResults();
    return this.#limits.num_history_items > 0
      ? recent(this.#order.messages, this.#limits.num_history_items)
      : this.#order.messages;
  }

  /** Places of `messages()` that were written over, as `ModelCall.exchanges` has them; undefined where it is an array of its own. */
  get exchanges(): readonly number[] | undefined {
    return this.#limits.num_history_items > 0 ? undefined : this.#order.exchanges;
  }

  #restart(): void {
    const { window_start, summary, revision } = this.#conversation;
    this.#revision = revision;
    this.#start = window_start;
    this.#next = window_start;
    this.#order = new CallOrder(summary === undefined ? [] : [summaryMessage(summary)]);
    this.#kept = [];
    this.#keptFrom = 0;
    this.#keptTokens = 0;
  }

  #add(message: Message): void {
    const slot = this.#order.add(message);
    if (slot === undefined) return;
    const tokens = estimateTokens(message.content);
    this.#kept.push({ slot, tokens });
    this.#keptTokens += tokens;
  }

  #cutOldResults(): void {
    const limit = this.#limits.max_old_tool_call_tokens;
    if (limit < 0) return;
    while (this.#keptTokens > limit && this.#keptFrom < this.#kept.length - 1) {
      const oldest = this.#kept[this.#keptFrom] as { slot: number; tokens: number };
      const message = this.#order.messages[oldest.slot] as Message;
      const { parts: _parts, ...rest } = message;
      this.#order.exchange(oldest.slot, { ...rest, content: TRUNCATED });
      this.#keptTokens -= oldest.tokens;
      this.#keptFrom += 1;
    }
  }
}

function summaryMessage(summary: string): Message {
  return { message_id: 'summary', role: 'user', content: `Session Summary: ${summary}`, created_at: '' };
}

/** The last `count` messages, begun where a message may stand alone, and every user message before them. */
function recent(messages: readonly Message[], count: number): Message[] {
  let from = Math.max(0, messages.length - count);
  while (from > 0 && messages[from]?.role === 'tool') from -= 1;
  return [...messages.slice(0, from).filter((message) => message.role === 'user'), ...messages.slice(from)];
}
