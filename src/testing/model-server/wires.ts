import { WIRES, type ScriptedTurn, type Wire } from './script.ts';
import { anthropicEvents } from './wire-anthropic.ts';
import { chatEvents } from './wire-chat.ts';
import { googleEvents } from './wire-google.ts';
import { mistralEvents } from './wire-mistral.ts';
import { responsesEvents } from './wire-responses.ts';

/** Where each wire is asked, below the base URL. */
export const PATHS: Record<Wire, string> = {
  openai_chatcompletions: '/chat/completions',
  openai_responses: '/responses',
  anthropic: '/messages',
  google: ':streamGenerateContent',
  mistral: '/chat/completions',
};

const MISTRAL_MODEL = /^(mistral|ministral|magistral|codestral|devstral|pixtral|open-mi[sx]tral)/;

/** Which wire a request is on. Mistral's has OpenAI's path, so that the model tells them apart. */
export function wireOf(path: string, model: string): Wire | undefined {
  if (path.endsWith(PATHS.mistral) && MISTRAL_MODEL.test(model)) return 'mistral';
  return WIRES.find((wire) => path.endsWith(PATHS[wire]));
}

/** Google's requests name the model in their path alone. */
export function modelOf(path: string, body: Record<string, unknown>): string {
  const named = /\/models\/([^/:]+):/.exec(path)?.[1] ?? body['model'];
  return typeof named === 'string' ? named : '';
}

const WRITERS: Record<Wire, (turn: ScriptedTurn, model: string, number: number) => string[]> = {
  openai_chatcompletions: chatEvents,
  openai_responses: responsesEvents,
  anthropic: anthropicEvents,
  google: googleEvents,
  mistral: mistralEvents,
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
  if (wire === 'google') return JSON.stringify({ error: googleError(error) });
  if (wire === 'mistral')
    return JSON.stringify({
      object: 'error',
      message: error.message,
      type,
      param: null,
      code: error.code ?? null,
    });
  return JSON.stringify({ error: { message: error.message, type, param: null, code: error.code ?? null } });
}

function googleError(error: { message: string; type?: string; code?: string }): Record<string, unknown> {
  const status = error.code ?? error.type ?? 'INVALID_ARGUMENT';
  return { code: status === 'INVALID_ARGUMENT' ? 400 : 500, message: error.message, status };
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
  if (wire === 'google') {
    const data = { error: { ...googleError({ ...error, type: error.type ?? 'INTERNAL' }) } };
    return `data: ${JSON.stringify(data)}\r\n\r\n`;
  }
  return `data: ${JSON.stringify({ error: { message: error.message, type, code: error.code ?? null } })}\n\n`;
}
