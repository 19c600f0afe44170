import type { ScriptedTurn, Wire } from './script.ts';
import { anthropicEvents } from './wire-anthropic.ts';
import { chatEvents } from './wire-chat.ts';
import { responsesEvents } from './wire-responses.ts';

/** Where each wire is asked, below the base URL. */
export const PATHS: Record<Wire, string> = {
  openai_chatcompletions: '/chat/completions',
  openai_responses: '/responses',
  anthropic: '/messages',
};

const WRITERS: Record<Wire, (turn: ScriptedTurn, model: string, number: number) => string[]> = {
  openai_chatcompletions: chatEvents,
  openai_responses: responsesEvents,
  anthropic: anthropicEvents,
};

/** The whole answer to a turn as its server-sent events. `number` counts answers from 1 and makes ids. */
export function eventsOf(wire: Wire, turn: ScriptedTurn, model: string, number: number): string[] {
  return WRITERS[wire](turn, model, number);
}

/** An error body in the provider's own form. */
export function errorBody(wire: Wire, error: { message: string; type?: string; code?: string }): string {
  const type = error.type ?? 'invalid_request_error';
  if (wire === 'anthropic') {
    return JSON.stringify({ type: 'error', error: { type, message: error.message }, request_id: 'req_1' });
  }
  return JSON.stringify({ error: { message: error.message, type, param: null, code: error.code ?? null } });
}

/** An error inside a stream that has begun. */
export function errorEvent(wire: Wire, error: { message: string; type?: string; code?: string }): string {
  const type = error.type ?? 'server_error';
  if (wire === 'anthropic') {
    return `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type, message: error.message } })}\n\n`;
  }
  if (wire === 'openai_responses') {
    const data = {
      type: 'error',
      sequence_number: 99,
      code: error.code ?? type,
      message: error.message,
      param: null,
    };
    return `event: error\ndata: ${JSON.stringify(data)}\n\n`;
  }
  return `data: ${JSON.stringify({ error: { message: error.message, type, code: error.code ?? null } })}\n\n`;
}
