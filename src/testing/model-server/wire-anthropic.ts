import { argumentsText, DEFAULT_USAGE, pieces, type ScriptedTurn } from './script.ts';

type Fields = Record<string, unknown>;

/** The signature of a scripted thinking block; the checker wants it back unchanged. */
export function thinkingSignature(text: string): string {
  return `sig-${Buffer.from(text).toString('base64').slice(0, 24)}`;
}

/** The events of the messages API as the real service sends them: a ping early on, blocks by index, usage at both ends. */
export function anthropicEvents(turn: ScriptedTurn, model: string, number: number): string[] {
  const events: string[] = [];
  const send = (type: string, fields: Fields): void => {
    events.push(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
  };
  const usage = turn.usage ?? DEFAULT_USAGE;
  const cached = usage.cached ?? 0;
  const written = usage.written ?? 0;
  const input = {
    input_tokens: usage.input - cached - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
  };
  const message = { id: `msg_${number}`, type: 'message', role: 'assistant', model, content: [] };
  send('message_start', {
    message: {
      ...message,
      stop_reason: null,
      stop_sequence: null,
      usage: { ...input, output_tokens: 1, service_tier: 'standard' },
    },
  });
  let index = 0;
  const block = (content_block: Fields, deltas: Fields[]): void => {
    send('content_block_start', { index, content_block });
    if (index === 0) send('ping', {});
    for (const delta of deltas) send('content_block_delta', { index, delta });
    send('content_block_stop', { index });
    index++;
  };
  const thinking = turn.reasoning ?? '';
  if (thinking !== '') {
    block({ type: 'thinking', thinking: '', signature: '' }, [
      ...pieces(thinking, turn.delta_size).map((piece) => ({ type: 'thinking_delta', thinking: piece })),
      { type: 'signature_delta', signature: thinkingSignature(thinking) },
    ]);
  }
  if ((turn.text ?? '') !== '') {
    const deltas = pieces(turn.text ?? '', turn.delta_size).map((text) => ({ type: 'text_delta', text }));
    block({ type: 'text', text: '' }, deltas);
  }
  for (const [place, call] of (turn.tool_calls ?? []).entries()) {
    const id = call.id ?? `toolu_${number}_${place + 1}`;
    block({ type: 'tool_use', id, name: call.name, input: {} }, [
      { type: 'input_json_delta', partial_json: '' },
      ...pieces(argumentsText(call), turn.delta_size).map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      })),
    ]);
  }
  const stop_reason = turn.finish_reason ?? ((turn.tool_calls?.length ?? 0) > 0 ? 'tool_use' : 'end_turn');
  send('message_delta', {
    delta: { stop_reason, stop_sequence: null },
    usage: { ...input, output_tokens: usage.output },
  });
  send('message_stop', {});
  return events;
}
