import { argumentsText, DEFAULT_USAGE, pieces, type ScriptedTurn } from './script.ts';

type Delta = Record<string, unknown>;

/**
 * The events of a chat completion as the real service sends them: the role first, arguments in pieces, the reason in a chunk of its
 * own, usage only in a last chunk whose `choices` are empty, then `[DONE]`.
 */
export function chatEvents(turn: ScriptedTurn, model: string, number: number): string[] {
  const events: string[] = [];
  const send = (fields: Record<string, unknown>): void => {
    const base = { id: `chatcmpl-${number}`, object: 'chat.completion.chunk', created: 1_700_000_000, model };
    events.push(
      `data: ${JSON.stringify({ ...base, service_tier: 'default', system_fingerprint: 'fp_1', ...fields })}\n\n`,
    );
  };
  const delta = (value: Delta, finish_reason: string | null = null): void =>
    send({ choices: [{ index: 0, delta: value, logprobs: null, finish_reason }], usage: null });

  delta({ role: 'assistant', content: '', refusal: null });
  for (const piece of pieces(turn.reasoning ?? '', turn.delta_size)) delta({ reasoning_content: piece });
  for (const piece of pieces(turn.text ?? '', turn.delta_size)) delta({ content: piece });
  for (const [index, call] of (turn.tool_calls ?? []).entries()) {
    const id = call.id ?? `call_${number}_${index + 1}`;
    delta({ tool_calls: [{ index, id, type: 'function', function: { name: call.name, arguments: '' } }] });
    for (const piece of pieces(argumentsText(call), turn.delta_size)) {
      delta({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
  delta({}, turn.finish_reason ?? ((turn.tool_calls?.length ?? 0) > 0 ? 'tool_calls' : 'stop'));
  const usage = turn.usage ?? DEFAULT_USAGE;
  send({
    choices: [],
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      prompt_tokens_details: { cached_tokens: usage.cached ?? 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0, audio_tokens: 0 },
    },
  });
  events.push('data: [DONE]\n\n');
  return events;
}
