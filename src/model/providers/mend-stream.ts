import type { ResolvedModel } from '../../protocol/team.ts';
import { StreamError } from '../failure.ts';
import { baseUrlOf } from './language-model.ts';

/** Whether answers of this model need it: Mistral's, and those of Groq. */
export function needsMending(model: ResolvedModel): boolean {
  return (
    model.api === 'mistral' || (model.api === 'openai_chatcompletions' && /\bgroq\b/.test(baseUrlOf(model)))
  );
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/**
 * One event of a chat stream as the provider packages can read it. Groq keeps its usage under `x_groq`, and a chunk without a choice
 * (usage alone, or a filter's verdict) breaks the package for Mistral.
 */
function mended(data: string): string {
  if (data.startsWith('{"error"')) throw new StreamError(data);
  const mayLack = /"choices"\s*:\s*(\[\s*\]|null)/.test(data);
  if (!mayLack && !data.includes('"x_groq"')) return data;
  let chunk: Record<string, unknown> | undefined;
  try {
    chunk = record(JSON.parse(data));
  } catch {
    return data; // no JSON: the package says what is wrong with it
  }
  if (chunk === undefined) return data;
  const usage = chunk['usage'] ?? record(chunk['x_groq'])?.['usage'];
  const choices = chunk['choices'];
  const isBare = mayLack && (!Array.isArray(choices) || choices.length === 0);
  return JSON.stringify({
    ...chunk,
    ...(usage === undefined ? {} : { usage }),
    ...(isBare ? { choices: [{ index: 0, delta: {} }] } : {}),
  });
}

/** Mends the data lines of an event stream as they pass; what is no data line passes byte for byte. */
export function mendedStream(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const encoder = new TextEncoder();
  let rest = '';
  const line = (text: string): string => {
    const found = /^(data: ?)(\{.*?)(\r?\n?)$/s.exec(text);
    return found === null ? text : `${found[1] ?? ''}${mended(found[2] ?? '')}${found[3] ?? ''}`;
  };
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        const lines = (rest + decoder.decode(bytes, { stream: true })).split(/(?<=\n)/);
        rest = lines.at(-1)?.endsWith('\n') === true ? '' : (lines.pop() ?? '');
        if (lines.length > 0) controller.enqueue(encoder.encode(lines.map(line).join('')));
      },
      flush(controller) {
        const last = rest + decoder.decode();
        if (last !== '') controller.enqueue(encoder.encode(line(last)));
      },
    }),
  );
}
