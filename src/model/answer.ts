import type { LanguageModelV4StreamPart, SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { ReasoningPart, ToolCall } from '../protocol/message.ts';
import type { ModelPart } from './call.ts';
import type { ToolCallText } from './tool-call-text.ts';

type Metadata = Record<string, unknown>;

/** Adds metadata per provider key; later values win, so that a signature at the end joins an id from the start. */
function joined(
  earlier: Metadata | undefined,
  later: SharedV4ProviderMetadata | undefined,
): Metadata | undefined {
  if (later === undefined) return earlier;
  const result: Metadata = { ...earlier };
  for (const [provider, values] of Object.entries(later)) {
    const before = result[provider];
    result[provider] = { ...(typeof before === 'object' ? before : {}), ...values };
  }
  return result;
}

interface OpenCall {
  id: string;
  name: string;
  text: string;
  metadata: Metadata | undefined;
  /** Its number among the calls, in the order in which they began. */
  place: number;
}

/**
 * Collects one answer from its stream. Call ids that the provider repeats (some local servers do) get a suffix, so that an id
 * means one call in the whole session.
 */
export class Answer {
  text = '';
  /** Of the text; only what Google signs is worth keeping. */
  metadata: Metadata | undefined;
  readonly #usedIds: ReadonlySet<string>;
  readonly #reasoning = new Map<string, ReasoningPart>();
  readonly #calls = new Map<string, OpenCall>();
  readonly #ids = new Set<string>();

  /** Looks for calls in the text, where the model may write them there. */
  readonly #written: ToolCallText | undefined;

  constructor(usedIds: ReadonlySet<string>, written?: ToolCallText) {
    this.#usedIds = usedIds;
    this.#written = written;
  }

  /** The stream is over: gives what was held back of the text, and takes calls that were written in it. */
  end(): ModelPart[] {
    const held = this.#written?.end(this.#calls.size > 0);
    if (held === undefined) return [];
    this.text += held.text;
    const parts: ModelPart[] = held.text === '' ? [] : [{ type: 'text_delta', text: held.text }];
    for (const [index, { name, arguments: input }] of held.calls.entries()) {
      const part = this.#complete(`call_${this.#usedIds.size + index + 1}`, name, input, undefined);
      if (part !== undefined) parts.push(part);
    }
    // What led up to a call is no part of the answer's form.
    if (held.calls.length > 0) this.text = this.text.trimEnd();
    return parts;
  }

  /** Takes one part of the stream in; what a reader may see of it at once is returned. */
  take(part: LanguageModelV4StreamPart): ModelPart | undefined {
    switch (part.type) {
      case 'text-start':
      case 'text-end':
        this.#sign(part.providerMetadata);
        return undefined;
      case 'text-delta':
        this.#sign(part.providerMetadata);
        return this.#write(part.delta);
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return this.#reason(
          part.id,
          part.type === 'reasoning-delta' ? part.delta : '',
          part.providerMetadata,
        );
      case 'tool-input-start': {
        const call = this.#open(part.id, part.toolName);
        return { type: 'tool_call_delta', id: call.id, name: call.name, arguments_delta: '' };
      }
      case 'tool-input-delta': {
        const call = this.#calls.get(part.id);
        if (call === undefined || part.delta === '') return undefined;
        call.text += part.delta;
        return { type: 'tool_call_delta', id: call.id, arguments_delta: part.delta };
      }
      case 'tool-call':
        return this.#complete(part.toolCallId, part.toolName, part.input, part.providerMetadata);
      default:
        return undefined;
    }
  }

  get reasoning(): ReasoningPart[] {
    return [...this.#reasoning.values()].filter(
      (part) => part.text !== '' || part.provider_metadata !== undefined,
    );
  }

  get toolCalls(): ToolCall[] {
    return [...this.#calls.values()]
      .toSorted((left, right) => left.place - right.place)
      .map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.text.trim() === '' ? '{}' : call.text },
        ...(call.metadata === undefined ? {} : { provider_metadata: call.metadata }),
      }));
  }

  #write(delta: string): ModelPart | undefined {
    const shown = this.#written === undefined ? delta : this.#written.push(delta);
    if (shown === '') return undefined;
    this.text += shown;
    return { type: 'text_delta', text: shown };
  }

  #sign(metadata: SharedV4ProviderMetadata | undefined): void {
    const google = metadata?.['google'];
    if (google !== undefined) this.metadata = joined(this.metadata, { google });
  }

  #reason(id: string, delta: string, metadata: SharedV4ProviderMetadata | undefined): ModelPart | undefined {
    const part = this.#reasoning.get(id) ?? { text: '' };
    part.text += delta;
    const provider_metadata = joined(part.provider_metadata, metadata);
    if (provider_metadata !== undefined) part.provider_metadata = provider_metadata;
    this.#reasoning.set(id, part);
    return delta === '' ? undefined : { type: 'reasoning_delta', text: delta };
  }

  #open(key: string, name: string): OpenCall {
    const call: OpenCall = {
      id: this.#unused(key),
      name,
      text: '',
      metadata: undefined,
      place: this.#calls.size,
    };
    // A second call under the same key starts anew; the first one keeps its place under a key of its own.
    const before = this.#calls.get(key);
    if (before !== undefined) this.#calls.set(`${key} ${before.place}`, before);
    this.#calls.set(key, call);
    return call;
  }

  #complete(
    key: string,
    name: string,
    input: string,
    metadata: SharedV4ProviderMetadata | undefined,
  ): ModelPart | undefined {
    const known = this.#calls.get(key);
    const call = known ?? this.#open(key, name);
    const unseen = known === undefined;
    call.text = input;
    call.metadata = joined(call.metadata, metadata);
    return unseen ? { type: 'tool_call_delta', id: call.id, name, arguments_delta: input } : undefined;
  }

  #unused(wanted: string): string {
    let id = wanted === '' ? 'call' : wanted;
    for (let number = 2; this.#usedIds.has(id) || this.#ids.has(id); number++)
      id = `${wanted || 'call'}_${number}`;
    this.#ids.add(id);
    return id;
  }
}
