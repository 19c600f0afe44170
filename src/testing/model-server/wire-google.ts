import { argumentsText, DEFAULT_USAGE, pieces, type ScriptedCall, type ScriptedTurn } from './script.ts';

type Fields = Record<string, unknown>;

/** The signature of a scripted thought; the checker wants it back with the call that it came with. */
export function thoughtSignature(number: number): string {
  return Buffer.from(`thought ${number}`).toString('base64');
}

/** Calls come whole, with an object; what is no object is what the service calls a malformed call. */
function argsOf(call: ScriptedCall): Fields | undefined {
  try {
    const value: unknown = JSON.parse(argumentsText(call));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // broken on purpose
  }
}

/**
 * The events of streamGenerateContent with `alt=sse` as the real service sends them: lines end with CR LF, thoughts are parts with a
 * mark, calls come whole and mostly without an id, the first of a turn with the signature, and a turn of calls ends with STOP.
 */
export function googleEvents(turn: ScriptedTurn, model: string, number: number): string[] {
  const events: string[] = [];
  const usage = turn.usage ?? DEFAULT_USAGE;
  const reasoning = usage.reasoning ?? 0;
  const counted = {
    promptTokenCount: usage.input,
    totalTokenCount: usage.input + usage.output,
    ...(usage.cached === undefined ? {} : { cachedContentTokenCount: usage.cached }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.input }],
  };
  const send = (parts: Fields[], finishReason?: string): void => {
    const last = finishReason !== undefined;
    const data = {
      candidates: [
        {
          ...(parts.length === 0 ? {} : { content: { parts, role: 'model' } }),
          ...(last ? { finishReason } : {}),
          index: 0,
        },
      ],
      usageMetadata: {
        ...counted,
        ...(last ? { candidatesTokenCount: usage.output - reasoning } : {}),
        ...(reasoning > 0 ? { thoughtsTokenCount: reasoning } : {}),
      },
      modelVersion: model,
      responseId: `resp_${number}`,
    };
    events.push(`data: ${JSON.stringify(data)}\r\n\r\n`);
  };
  const thought = turn.reasoning ?? '';
  const calls = turn.tool_calls ?? [];
  for (const text of pieces(thought, turn.delta_size)) send([{ text, thought: true }]);
  for (const text of pieces(turn.text ?? '', turn.delta_size)) send([{ text }]);
  const parsed = calls.map((call) => ({ call, args: argsOf(call) }));
  const malformed = parsed.some(({ args }) => args === undefined);
  if (!malformed) {
    for (const [index, { call, args }] of parsed.entries()) {
      const functionCall = { ...(call.id === undefined ? {} : { id: call.id }), name: call.name, args };
      const signed = thought !== '' && index === 0;
      send([{ functionCall, ...(signed ? { thoughtSignature: thoughtSignature(number) } : {}) }]);
    }
  }
  const signedText = thought !== '' && calls.length === 0;
  const end = signedText ? [{ text: '', thoughtSignature: thoughtSignature(number) }] : [];
  send(end, turn.finish_reason ?? (malformed ? 'MALFORMED_FUNCTION_CALL' : 'STOP'));
  return events;
}
