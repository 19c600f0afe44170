import { parseEvent, type EventBody, type WireEvent } from '../protocol/events/events.ts';

interface Preview {
  type: string;
  offset: number;
  attempt?: number;
  message_id?: string | undefined;
  tool_call_id?: string;
  run_id?: string | undefined;
  stream?: string;
  content?: string;
  output?: string;
  tool_call?: { id: string; function: { name: string; arguments: string } };
}

/** Cuts from previews what was delivered before, so that a reader sees each character once (R2). */
export class PreviewTrimmer {
  /** By run and message or call: how far each of its texts was delivered. */
  readonly #sent = new Map<string, Map<string, number>>();

  /** The event with what is new in it; undefined when nothing is. Events without an offset are passed on. `body` is what its text says. */
  trim(event: WireEvent, body: EventBody = parseEvent(event.json)): WireEvent | undefined {
    const preview = body as unknown as Preview;
    if (typeof preview.offset !== 'number') return event;
    const texts = this.#textsOf(preview);
    const key = [preview.type, preview.tool_call?.id, preview.stream, preview.attempt].join(' ');
    const text = textOf(preview);
    const sent = texts.get(key) ?? 0;
    const end = preview.offset + text.length;
    if (end <= sent) return undefined;
    texts.set(key, end);
    if (preview.offset >= sent) return event;
    const rest = withText(preview, text.slice(sent - preview.offset));
    return { seq: undefined, type: event.type, json: JSON.stringify({ ...rest, offset: sent }) };
  }

  /** A durable event closes the texts that it replaces; a recovery voids those of its run, which begin anew. */
  durable({ type, json }: WireEvent, read: EventBody = parseEvent(json)): void {
    if (!CLOSING.has(type)) return;
    const body = read as unknown as Preview & { message?: { message_id?: string } };
    if (type === 'stream_stopped' || type === 'run_recovered') {
      for (const owner of this.#sent.keys())
        if (owner.startsWith(`${body.run_id} `)) this.#sent.delete(owner);
      return;
    }
    this.#sent.delete(ownerOf({ ...body, message_id: body.message?.message_id }));
  }

  /** How many texts are open. */
  get size(): number {
    return this.#sent.size;
  }

  #textsOf(preview: Preview): Map<string, number> {
    const owner = ownerOf(preview);
    const known = this.#sent.get(owner) ?? new Map<string, number>();
    this.#sent.set(owner, known);
    return known;
  }
}

const CLOSING: ReadonlySet<string> = new Set([
  'message_added',
  'tool_call_response',
  'stream_stopped',
  'run_recovered',
]);

function ownerOf({ run_id, message_id, tool_call_id }: Partial<Preview>): string {
  return `${run_id} ${message_id ?? tool_call_id}`;
}

function textOf(preview: Preview): string {
  return preview.content ?? preview.output ?? preview.tool_call?.function.arguments ?? '';
}

function withText(preview: Preview, text: string): Preview {
  if (preview.content !== undefined) return { ...preview, content: text };
  if (preview.output !== undefined) return { ...preview, output: text };
  const call = preview.tool_call;
  return call === undefined
    ? preview
    : { ...preview, tool_call: { ...call, function: { ...call.function, arguments: text } } };
}
