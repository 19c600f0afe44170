import type { Message } from '../../protocol/message.ts';

const NO_RESULT = 'No result provided';

/**
 * Messages with every result behind the message that asked for it, in the order of its calls (R28), whatever the order in which they
 * arrived. A call that has no result yet holds its place with a message that says so.
 */
export class CallOrder {
  readonly messages: Message[];
  /** Places of `messages` that were written over, in that order; otherwise it only grows. */
  readonly exchanges: number[] = [];
  readonly #slots = new Map<string, number>();

  constructor(first: Message[] = []) {
    this.messages = first;
  }

  /** Takes the next message of the log. Returns the place of a result; a result that no call waits for is left out. */
  add(message: Message): number | undefined {
    if (message.role === 'tool') return this.#fill(message);
    this.messages.push(message);
    for (const call of message.tool_calls ?? []) {
      this.#slots.set(call.id, this.messages.length);
      this.messages.push(missingResult(call.id, message.created_at));
    }
    return undefined;
  }

  #fill(message: Message): number | undefined {
    const slot = this.#slots.get(message.tool_call_id ?? '');
    if (slot !== undefined) this.exchange(slot, message);
    return slot;
  }

  exchange(slot: number, message: Message): void {
    this.messages[slot] = message;
    this.exchanges.push(slot);
  }
}

/** The messages of a log in the order in which they are read, without places for results that are not there yet. */
export function inCallOrder(messages: readonly Message[]): Message[] {
  const order = new CallOrder();
  for (const message of messages) order.add(message);
  const recorded = new Set(messages);
  return order.messages.filter((message) => recorded.has(message));
}

function missingResult(tool_call_id: string, created_at: string): Message {
  return {
    message_id: `missing_${tool_call_id}`,
    role: 'tool',
    content: NO_RESULT,
    tool_call_id,
    created_at,
  };
}
