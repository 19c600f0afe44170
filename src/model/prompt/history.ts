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
  readonly #prompt: LanguageModelV4Message[] = [];
  /** Where in `#prompt` the message at the same index of `#source` stands; -1 where it was left out. */
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
   * when it is another past, and this history is of no use for it.
   */
  exchanged(messages: readonly Message[]): number[] | undefined {
    if (messages.length < this.#source.length) return undefined;
    const exchanged: number[] = [];
    // A plain loop: it runs over the whole session each turn, and must not be felt.
    for (let index = 0; index < this.#source.length; index++) {
      const before = this.#source[index];
      const now = messages[index];
      if (before === now) continue;
      if (!answersTheSame(before, now)) return undefined;
      exchanged.push(index);
    }
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
      const place = this.#places[index] ?? -1;
      if (message === undefined) continue;
      this.#source[index] = message;
      const [result] = place === -1 ? [] : (this.#prompt[place]?.content ?? []);
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

  /** System parts and the history as it is now: a fresh array whose calls all have results. */
  prompt(system: readonly LanguageModelV4Message[]): LanguageModelV4Prompt {
    const start: LanguageModelV4Message[] = [];
    return start.concat(system, this.#prompt, this.#closing());
  }

  /** Gives the message's place in `#prompt`. */
  async #take(message: Message, loadBlob: LoadBlob): Promise<number> {
    if (message.role === 'tool') {
      const toolName = this.#open.get(message.tool_call_id ?? '');
      // A result without its call, or a second one: every provider refuses the whole request for it.
      if (toolName === undefined) return -1;
      const converted = await this.#convert(message, loadBlob, toolName);
      this.#open.delete(message.tool_call_id ?? '');
      this.#following.push(...(converted.following ?? []));
      return this.#prompt.push(converted.message) - 1;
    }
    const converted = await this.#convert(message, loadBlob, '');
    const place = this.#prompt.push(...this.#closing(), converted.message) - 1;
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

  /** The history of `messages`, extended to their end; built anew when the past is another one (undo, compaction). */
  async of(messages: readonly Message[], style: PromptStyle, loadBlob: LoadBlob): Promise<History> {
    const first = messages[0];
    if (first === undefined) return new History(style);
    const key = `${style.wire} ${style.provider}`;
    const known = this.#byFirst.get(first) ?? new Map<string, History>();
    const kept = known.get(key);
    const converted = this.#converted.get(key) ?? new WeakMap<Message, ConvertedMessage>();
    this.#converted.set(key, converted);
    const exchanged = kept?.exchanged(messages);
    const history = kept === undefined || exchanged === undefined ? new History(style, converted) : kept;
    this.#byFirst.set(first, known);
    // While it is extended nobody else may use it: two calls of one conversation at a time each build their own.
    known.delete(key);
    await history.exchange(messages, exchanged ?? [], loadBlob);
    await history.extend(messages, loadBlob);
    known.set(key, history);
    return history;
  }
}
