import { YonderError } from '../protocol/errors.ts';
import type { EventDraft, StoredEvent } from '../protocol/store.ts';

/** R30: what is longer belongs in a blob. Bytes of the event's JSON text. */
export const MAX_EVENT_BYTES = 1024 * 1024;

/** Given by the store; a draft that brings one of its own would have two in its text. */
const OWN_FIELDS = ['seq', 'type', 'timestamp'] as const;

/** An event whose text lacks only what is known inside the transaction; `undefined` fields are left out. */
export interface PreparedEvent {
  type: string;
  typeJson: string;
  /** The text after the timestamp, closing brace included. */
  rest: string;
}

/** Does the long part of the work before the store is locked. Throws `payload_too_large` (R30) and `internal` for a field of the store's own. */
export function prepareEvent(draft: EventDraft): PreparedEvent {
  for (const name of OWN_FIELDS) {
    if (name in draft.fields)
      throw new YonderError(
        'internal',
        `the event ${draft.type} brings the field ${name}, which the store gives`,
      );
  }
  const fields = JSON.stringify(draft.fields);
  if (fields.length * 3 > MAX_EVENT_BYTES) checkSize(draft.type, fields);
  return {
    type: draft.type,
    typeJson: JSON.stringify(draft.type),
    rest: fields === '{}' ? '}' : `,${fields.slice(1)}`,
  };
}

function checkSize(type: string, fields: string): void {
  const bytes = Buffer.byteLength(fields) + 100;
  if (bytes <= MAX_EVENT_BYTES) return;
  throw new YonderError(
    'payload_too_large',
    `the event ${type} has ${bytes} bytes, and an event has at most ${MAX_EVENT_BYTES}; put its content into a blob`,
  );
}

/** The event's text, made once; every reader gets these very characters. */
export function numberEvent(event: PreparedEvent, seq: number, timestamp: string): StoredEvent {
  return {
    seq,
    type: event.type,
    json: `{"seq":${seq},"type":${event.typeJson},"timestamp":"${timestamp}"${event.rest}`,
  };
}
