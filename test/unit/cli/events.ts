import type { WireEvent } from '../../../src/protocol/events/events.ts';

/** A durable event of the session `s` as it comes from a log. */
export function durable(seq: number, type: string, fields: Record<string, unknown> = {}): WireEvent {
  const event = { type, seq, timestamp: '2026-01-02T03:04:05Z', session_id: 's', run_id: 'r', ...fields };
  return { seq, type, json: JSON.stringify(event) };
}

export function preview(type: string, fields: Record<string, unknown>): WireEvent {
  const event = { type, session_id: 's', run_id: 'r', attempt: 1, offset: 0, ...fields };
  return { seq: undefined, type, json: JSON.stringify(event) };
}

export function assistant(seq: number, content: string, fields: Record<string, unknown> = {}): WireEvent {
  const message = {
    message_id: `m${seq}`,
    role: 'assistant',
    content,
    created_at: '2026-01-02T03:04:05Z',
    ...fields,
  };
  return durable(seq, 'message_added', { message });
}

export function call(seq: number, name: string, args: Record<string, unknown>, id = `c${seq}`): WireEvent {
  return durable(seq, 'tool_call', {
    tool_call: { id, type: 'function', function: { name, arguments: JSON.stringify(args) } },
  });
}
