import { argumentsText, DEFAULT_USAGE, pieces, type ScriptedCall, type ScriptedTurn } from './script.ts';

type Fields = Record<string, unknown>;

/** Writes the events of one response with their running `sequence_number`. */
class ResponseWriter {
  readonly events: string[] = [];
  readonly output: Fields[] = [];
  #sequence = 0;

  send(type: string, fields: Fields): void {
    const data = JSON.stringify({ type, sequence_number: this.#sequence++, ...fields });
    this.events.push(`event: ${type}\ndata: ${data}\n\n`);
  }

  /** An output item from its start to its end; `between` sends what fills it. */
  item(
    opened: Fields,
    done: Fields,
    between: (place: { output_index: number; item_id: unknown }) => void,
  ): void {
    const output_index = this.output.length;
    this.send('response.output_item.added', { output_index, item: opened });
    between({ output_index, item_id: opened['id'] });
    this.output.push(done);
    this.send('response.output_item.done', { output_index, item: done });
  }
}

function reasoningItem(writer: ResponseWriter, turn: ScriptedTurn, number: number): void {
  const text = turn.reasoning ?? '';
  if (text === '') return;
  // Real reasoning items have no status; the encrypted content is there from the start and again at the end.
  const item = {
    id: `rs_${number}`,
    type: 'reasoning',
    summary: [] as Fields[],
    encrypted_content: `enc-${number}`,
  };
  const part = { type: 'summary_text', text };
  writer.item(item, { ...item, summary: [part] }, (place) => {
    const at = { ...place, summary_index: 0 };
    writer.send('response.reasoning_summary_part.added', { ...at, part: { ...part, text: '' } });
    for (const delta of pieces(text, turn.delta_size))
      writer.send('response.reasoning_summary_text.delta', { ...at, delta });
    writer.send('response.reasoning_summary_text.done', { ...at, text });
    writer.send('response.reasoning_summary_part.done', { ...at, part });
  });
}

function messageItem(writer: ResponseWriter, turn: ScriptedTurn, number: number): void {
  const text = turn.text ?? '';
  if (text === '') return;
  const item = { id: `msg_${number}`, type: 'message', role: 'assistant' };
  const part = { type: 'output_text', text, annotations: [], logprobs: [] };
  writer.item(
    { ...item, status: 'in_progress', content: [] },
    { ...item, status: 'completed', content: [part] },
    (place) => {
      const at = { ...place, content_index: 0 };
      writer.send('response.content_part.added', { ...at, part: { ...part, text: '' } });
      for (const delta of pieces(text, turn.delta_size)) {
        writer.send('response.output_text.delta', { ...at, delta, logprobs: [], obfuscation: 'x7' });
      }
      writer.send('response.output_text.done', { ...at, text, logprobs: [] });
      writer.send('response.content_part.done', { ...at, part });
    },
  );
}

function callItem(writer: ResponseWriter, turn: ScriptedTurn, call: ScriptedCall, key: string): void {
  const args = argumentsText(call);
  const item = { id: `fc_${key}`, type: 'function_call', call_id: call.id ?? `call_${key}`, name: call.name };
  writer.item(
    { ...item, status: 'in_progress', arguments: '' },
    { ...item, status: 'completed', arguments: args },
    (place) => {
      for (const delta of pieces(args, turn.delta_size)) {
        writer.send('response.function_call_arguments.delta', { ...place, delta, obfuscation: 'x7' });
      }
      writer.send('response.function_call_arguments.done', { ...place, arguments: args });
    },
  );
}

/** The events of the responses API as the real service sends them. */
export function responsesEvents(turn: ScriptedTurn, model: string, number: number): string[] {
  const writer = new ResponseWriter();
  const base = {
    id: `resp_${number}`,
    object: 'response',
    created_at: 1_700_000_000,
    model,
    error: null,
    incomplete_details: null,
    service_tier: 'default',
  };
  const open = { response: { ...base, status: 'in_progress', output: [], usage: null } };
  writer.send('response.created', open);
  writer.send('response.in_progress', open);
  reasoningItem(writer, turn, number);
  messageItem(writer, turn, number);
  for (const [index, call] of (turn.tool_calls ?? []).entries()) {
    callItem(writer, turn, call, `${number}_${index + 1}`);
  }
  const usage = turn.usage ?? DEFAULT_USAGE;
  const reported = {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cached ?? 0 },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: usage.input + usage.output,
  };
  const incomplete = turn.finish_reason === undefined ? null : { reason: turn.finish_reason };
  const status = incomplete === null ? 'completed' : 'incomplete';
  writer.send(`response.${status}`, {
    response: { ...base, status, incomplete_details: incomplete, output: writer.output, usage: reported },
  });
  return writer.events;
}
