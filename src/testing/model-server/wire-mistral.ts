import { createHash } from 'node:crypto';
import { argumentsText, DEFAULT_USAGE, pieces, type ScriptedTurn } from './script.ts';

type Fields = Record<string, unknown>;

function callId(number: number, index: number): string {
  return createHash('sha256').update(`${number} ${index}`).digest('hex').slice(0, 9);
}

/**
 * The events of Mistral's chat completions as the real service sends them: calls come whole, without a `type`, in the chunk with the
 * reason; thoughts are parts of the content; usage stands in the last chunk, and a chunk may have no choice at all.
 */
export function mistralEvents(turn: ScriptedTurn, model: string, number: number): string[] {
  const events: string[] = [];
  const send = (fields: Fields): void => {
    const base = { id: `cmpl-${number}`, object: 'chat.completion.chunk', created: 1_700_000_000, model };
    events.push(`data: ${JSON.stringify({ ...base, ...fields })}\n\n`);
  };
  const delta = (value: Fields, finish_reason: string | null = null, more: Fields = {}): void =>
    send({ choices: [{ index: 0, delta: value, finish_reason, logprobs: null }], ...more });
  const thinking = (text: string): Fields => ({ type: 'thinking', thinking: [{ type: 'text', text }] });

  delta({ role: 'assistant', content: '' });
  for (const text of pieces(turn.reasoning ?? '', turn.delta_size)) delta({ content: [thinking(text)] });
  for (const content of pieces(turn.text ?? '', turn.delta_size)) delta({ content });
  send({ choices: [] });
  const calls = (turn.tool_calls ?? []).map((call, index) => ({
    id: call.id ?? callId(number, index),
    function: { name: call.name, arguments: argumentsText(call) },
    index,
  }));
  const usage = turn.usage ?? DEFAULT_USAGE;
  delta(
    calls.length === 0 ? { content: '' } : { content: '', tool_calls: calls },
    turn.finish_reason ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
    {
      usage: {
        prompt_tokens: usage.input,
        total_tokens: usage.input + usage.output,
        completion_tokens: usage.output,
        ...(usage.cached === undefined ? {} : { num_cached_tokens: usage.cached }),
      },
    },
  );
  events.push('data: [DONE]\n\n');
  return events;
}
