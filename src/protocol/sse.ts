import type { WireEvent } from './events/events.ts';

/** One event as SSE: `id:` for durable ones alone, one `data:` line of JSON, LF (WIRE.md section 2). */
export function encodeSse(event: WireEvent): string {
  const id = event.seq === undefined ? '' : `id: ${event.seq}\n`;
  return `${id}data: ${event.json}\n\n`;
}

/** Keeps a quiet connection open; readers judge a stall by missed ones. */
export const HEARTBEAT = ': heartbeat\n\n';

/** Headers of a run's stream that name it before its first event. */
export const RUN_ID_HEADER = 'x-yonder-run-id';
export const INPUT_ID_HEADER = 'x-yonder-input-id';
