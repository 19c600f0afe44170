/** The wires that Yonder speaks to models. */
export const WIRES = [
  'openai_chatcompletions',
  'openai_responses',
  'anthropic',
  'google',
  'mistral',
] as const;
export type Wire = (typeof WIRES)[number];

export interface ScriptedCall {
  name: string;
  /** An object, or text that is sent as it is, broken or not. */
  arguments: Record<string, unknown> | string;
  /** Absent: made from the number of the turn and of the call. */
  id?: string;
}

export interface ScriptedUsage {
  /** All input tokens, those of the cache included. */
  input: number;
  output: number;
  cached?: number;
  written?: number;
  reasoning?: number;
}

/** What the model does with one request. Without a field for trouble it answers as the real ones do. */
export interface ScriptedTurn {
  text?: string;
  reasoning?: string;
  tool_calls?: ScriptedCall[];
  usage?: ScriptedUsage;
  /** The provider's own word; absent: what fits the answer. */
  finish_reason?: string;
  /** Characters in one delta. 12. */
  delta_size?: number;
  /** Wait before each event. */
  delay_ms?: number;
  /** The connection breaks after so many events. */
  cut_after?: number;
  /** The answer ends cleanly, but too early, after so many events. */
  stop_after?: number;
  /** Nothing more comes after so many events; 0 sends the head alone, `before` not even that. */
  hang_after?: number | 'before';
  /** Status of an answer that is no stream; 200 with `body` is garbage with a good status. */
  status?: number;
  /** Its body: text as it is, or the provider's error object made from this. */
  body?: string;
  error?: { message: string; type?: string; code?: string };
  headers?: Record<string, string>;
  /** An error event inside the stream, after so many events. */
  error_after?: number;
  /** Taken only by a request for which this holds; others look further. For agents that run side by side. */
  when?: (request: { body: Record<string, unknown>; wire: Wire }) => boolean;
}

export const DEFAULT_USAGE: ScriptedUsage = { input: 100, output: 20 };

/** A text in pieces of `size` characters, never splitting one. */
export function pieces(text: string, size = 12): string[] {
  const characters = Array.from(text);
  const result: string[] = [];
  for (let start = 0; start < characters.length; start += size) {
    result.push(characters.slice(start, start + size).join(''));
  }
  return result;
}

export function argumentsText(call: ScriptedCall): string {
  return typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);
}
