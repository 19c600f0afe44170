import { isEventType, parseEvent, type WireEvent, type YonderEvent } from '../../protocol/events/events.ts';

/** An event with its fields, or undefined for a type that this version does not know (R29: kept, and passed on as text). */
export function readEvent(event: WireEvent): YonderEvent | undefined {
  // The Host has passed it through its schema; a field may still be missing in one of a newer version.
  return isEventType(event.type) ? (parseEvent(event.json) as unknown as YonderEvent) : undefined;
}
