import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { Message } from '../../protocol/message.ts';
import { convertMessage, type ConvertedMessage, type PromptStyle } from './convert-message.ts';

type LoadBlob = (blobId: string) => Promise<Uint8Array>;

const MISSING_RESULT = 'No result provided';

/**
 * The converted history of one conversation. A turn adds to it; what was converted before is kept as long as the caller passes the
 * same message objects at the same places, so that our part of a turn does not grow with the session.
 */
export class History {
  readonly #style: PromptStyle;
  readonly #source: Message[] = [];
  /** System parts, then the history, then, while it is lent, what closes it. */
  readonly #prompt: LanguageModelV4Message[] = [];
  #systemCount = 0;
  #closingCount = 0;
  /** The array that was taken in last, and how many of its exchanges. */
  #array: readonly Message[] | undefined;
  #exchanges = 0;
  /** A call uses the prompt; nobody else may change it. */
  lent = false;
  /** Where behind the system parts the message at the same index of `#source` stands; -1 where it was left out. */
  readonly #places: number[] = [];
  readonly #callIds = new Set<string>();
  /** Calls of the last assistant message that have no result yet, by id, with the tool's name. */
  readonly #open = new Map<string, string>();
  readonly #converted: WeakMap<Message, ConvertedMessage>;
  #following: NonNullable<ConvertedMessage['following']> = [];

  /** @param converted kept conversions of this style; they outlive a history that is built anew */
  constructor(style: PromptStyle, converted: WeakMap<Message, ConvertedMessage> = new WeakMap()) {
    this.#style = style;
    this.#converted = converted;
  }

  /** Every id that a call of this history has. */
  get callIds(): ReadonlySet<string> {
    return this.#callIds;
  }

  get length(): number {
    return this.#source.length;
  }

  /**
   * The indexes at which `messages` has another object than was taken in: results of the same calls, which were cut since. Undefined
   * when it is another past, and this history is of no use for it. What a caller says of its exchanges spares a look at the whole
   * session each turn.
   */
  exchanged(messages: readonly Message[], exchanges?: readonly number[]): number[] | undefined {
    if (messages.length < this.#source.length) return undefined;
    const told = exchanges !== undefined && messages === this.#array;
    const looked = told ? exchanges.slice(this.#exchanges) : this.#source.keys();
    const exchanged: number[] = [];
    for (const index of looked) {
      const before = this.#source[index];
      const now = messages[index];
      if (index >= this.#source.length || before === now) continue;
      if (!answersTheSame(before, now)) return undefined;
      exchanged.push(index);
    }
    this.#array = messages;
    this.#exchanges = exchanges?.length ?? 0;
    return exchanged;
  }

  /** Puts other results into the places of those that were taken in. */
  async exchange(
    messages: readonly Message[],
    indexes: readonly number[],
    loadBlob: LoadBlob,
  ): Promise<void> {
    for (const index of indexes) {
      const message = messages[index];
      const behind = this.#places[index] ?? -1;
      if (message === undefined) continue;
      this.#source[index] = message;
      const place = this.#systemCount + behind;
      const [result] = behind === -1 ? [] : (this.#prompt[place]?.content ?? []);
      if (typeof result !== 'object' || result.type !== 'tool-result') continue;
      this.#prompt[place] = (await this.#convert(message, loadBlob, result.toolName)).message;
    }
  }

  /** Takes in what is new at the end of `messages`. */
  async extend(messages: readonly Message[], loadBlob: LoadBlob): Promise<void> {
    for (let index = this.#source.length; index < messages.length; index++) {
      const message = messages[index];
      if (message === undefined) break;
      const place = await this.#take(message, loadBlob);
      this.#source.push(message);
      this.#places.push(place);
    }
  }

  /**
   * System parts and the history as it is now, whose calls all have results. The array is this history's own, because a copy would
   * cost more the longer the session is: it stays as it is until it is given back.
   */
  prompt(system: readonly LanguageModelV4Message[]): LanguageModelV4Prompt {
    const closing = this.#closing();
    if (system.length === this.#systemCount)
      for (const [index, part] of system.entries()) this.#prompt[index] = part;
    else this.#prompt.splice(0, this.#systemCount, ...system);
    this.#systemCount = system.length;
    this.#prompt.push(...closing);
    this.#closingCount = closing.length;
    return this.#prompt;
  }

  /** The call is over; whatever it changed in the array must be as it was. */
  giveBack(): void {
    this.#prompt.length -= this.#closingCount;
    this.#closingCount = 0;
    this.lent = false;
  }

  /** Gives the message's place behind the system parts. */
  async #take(message: Message, loadBlob: LoadBlob): Promise<number> {
    if (message.role === 'tool') {
      const toolName = this.#open.get(message.tool_call_id ?? '');
      // A result without its call, or a second one: every provider refuses the whole request for it.
      if (toolName === undefined) return -1;
      const converted = await this.#convert(message, loadBlob, toolName);
      this.#open.delete(message.tool_call_id ?? '');
      this.#following.push(...(converted.following ?? []));
      return this.#prompt.push(converted.message) - 1 - this.#systemCount;
    }
    const converted = await this.#convert(message, loadBlob, '');
    const place = this.#prompt.push(...this.#closing(), converted.message) - 1 - this.#systemCount;
    this.#open.clear();
    this.#following = [];
    for (const call of message.tool_calls ?? []) {
      this.#callIds.add(call.id);
      this.#open.set(call.id, call.function.name);
    }
    return place;
  }

  async #convert(message: Message, loadBlob: LoadBlob, toolName: string): Promise<ConvertedMessage> {
    const known = this.#converted.get(message);
    if (known !== undefined) return known;
    const converted = await convertMessage(message, this.#style, loadBlob, toolName);
    this.#converted.set(message, converted);
    return converted;
  }

  /** What must stand after the results so far: results for calls that have none, then pictures of results. */
  #closing(): LanguageModelV4Message[] {
    const closing: LanguageModelV4Message[] = [...this.#open].map(([toolCallId, toolName]) => ({
      role: 'tool',
      content: [
        { type: 'tool-result', toolCallId, toolName, output: { type: 'text', value: MISSING_RESULT } },
      ],
    }));
    if (this.#following.length > 0) closing.push({ role: 'user', content: [...this.#following] });
    return closing;
  }
}

/** Results of one call, without pictures, which would stand at a place of their own. */
function answersTheSame(before: Message | undefined, now: Message | undefined): boolean {
  return (
    before?.role === 'tool' &&
    now?.role === 'tool' &&
    before.tool_call_id === now.tool_call_id &&
    before.parts === undefined &&
    now.parts === undefined
  );
}

/**
 * Histories by the first message of their conversation, one for each way of converting. They go when the message goes.
 */
export class Histories {
  readonly #byFirst = new WeakMap<Message, Map<string, History>>();
  readonly #converted = new Map<string, WeakMap<Message, ConvertedMessage>>();

  /**
   * The history of `messages`, extended to their end; built anew when the past is another one (undo, compaction), or when a call that
   * is under way uses it. It is lent until `giveBack`.
   * @param exchanges as in `ModelCall.exchanges`
   */
  async of(
    messages: readonly Message[],
    style: PromptStyle,
    loadBlob: LoadBlob,
    exchanges?: readonly number[],
  ): Promise<History> {
    const first = messages[0];
    if (first === undefined) return new History(style);
    const key = [style.wire, style.provider, ...style.media.images, ...style.media.documents].join(' ');
    const known = this.#byFirst.get(first) ?? new Map<string, History>();
    const kept = known.get(key);
    const converted = this.#converted.get(key) ?? new WeakMap<Message, ConvertedMessage>();
    this.#converted.set(key, converted);
    const exchanged = kept === undefined || kept.lent ? undefined : kept.exchanged(messages, exchanges);
    const history = kept === undefined || exchanged === undefined ? new History(style, converted) : kept;
    this.#byFirst.set(first, known);
    // While it is extended nobody else may use it: two calls of one conversation at a time each build their own.
    known.delete(key);
    await history.exchange(messages, exchanged ?? [], loadBlob);
    await history.extend(messages, loadBlob);
    known.set(key, history);
    history.lent = true;
    return history;
  }
}
