import { parseEvent, type WireEvent } from '../protocol/events/events.ts';

interface Preview {
  type: string;
  offset: number;
  attempt?: number;
  message_id?: string;
  tool_call_id?: string;
  run_id?: string;
  stream?: string;
  content?: string;
  output?: string;
  tool_call?: { id: string; function: { name: string; arguments: string } };
}

/** Cuts from previews what was delivered before, so that a reader sees each character once (R2). */
export class PreviewTrimmer {
  readonly #sent = new Map<string, number>();

  /** The event with what is new in it; undefined when nothing is. */
  trim(event: WireEvent): WireEvent | undefined {
    const preview = parseEvent(event.json) as unknown as Preview;
    if (typeof preview.offset !== 'number') return event;
    const key = [
      preview.type,
      preview.run_id,
      preview.message_id ?? preview.tool_call_id,
      preview.tool_call?.id,
      preview.stream,
      preview.attempt,
    ].join(' ');
    const text = textOf(preview);
    const sent = this.#sent.get(key) ?? 0;
    const end = preview.offset + text.length;
    if (end <= sent) return undefined;
    this.#sent.set(key, end);
    if (preview.offset >= sent) return event;
    const rest = withText(preview, text.slice(sent - preview.offset));
    return { seq: undefined, type: event.type, json: JSON.stringify({ ...rest, offset: sent }) };
  }

  /** Texts of a run that is over are not asked for again. */
  forget(run_id: string): void {
    for (const key of this.#sent.keys()) if (key.includes(run_id)) this.#sent.delete(key);
  }
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
