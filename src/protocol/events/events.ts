import { z } from 'zod';
import { YonderError, toYonderError } from '../errors.ts';
import { besideEvents } from './beside-events.ts';
import { durableFields, previewFields, type EventDeclaration, type EventKind } from './declare.ts';
import { historyEvents } from './history-events.ts';
import { connectionEvents, previewEvents } from './live.ts';
import { runEvents } from './run-events.ts';
import { sessionEvents } from './session-events.ts';
import { toolEvents } from './tool-events.ts';

/** Every event, declared once (WIRE.md section 2). */
export const EVENTS = {
  ...runEvents,
  ...toolEvents,
  ...sessionEvents,
  ...besideEvents,
  ...historyEvents,
  ...previewEvents,
  ...connectionEvents,
} as const satisfies Record<string, EventDeclaration>;

export type EventType = keyof typeof EVENTS;
type ShapeOf<Type extends EventType> = (typeof EVENTS)[Type]['shape'];
type Own<Type extends EventType> = z.infer<z.ZodObject<ShapeOf<Type>>>;
type CommonFields = {
  durable: z.infer<z.ZodObject<typeof durableFields>>;
  preview: z.infer<z.ZodObject<typeof previewFields>>;
  connection: { session_id?: string; run_id?: string; agent_name?: string };
};

/** An event of one type with all its fields; readers meet unknown fields and types too and keep them. */
export type EventOf<Type extends EventType> = { type: Type } & CommonFields[(typeof EVENTS)[Type]['kind']] &
  Own<Type>;
export type YonderEvent = { [Type in EventType]: EventOf<Type> }[EventType];
/** What a writer gives for an event; number and time are added at the commit. */
export type EventFields<Type extends EventType> = z.input<z.ZodObject<ShapeOf<Type>>>;

export type DurableType = {
  [Type in EventType]: (typeof EVENTS)[Type]['kind'] extends 'durable' ? Type : never;
}[EventType];
export type PreviewType = {
  [Type in EventType]: (typeof EVENTS)[Type]['kind'] extends 'preview' ? Type : never;
}[EventType];

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENTS, type);
}

/** The kind of an event by its type; an unknown one with a `seq` is durable, else it is taken for a preview. */
export function eventKind(type: string, seq?: number): EventKind {
  if (isEventType(type)) return EVENTS[type].kind;
  return seq === undefined ? 'preview' : 'durable';
}

const COMMON: Record<EventKind, z.ZodRawShape> = {
  durable: durableFields,
  preview: previewFields,
  connection: {},
};

/** An event on its way to a reader: the text as it came, parsed once. `seq` only for durable ones. */
export interface WireEvent {
  seq: number | undefined;
  type: string;
  json: string;
}

/** An event as a reader meets it: of a type that we declare with its fields checked, or any other as it came. */
export type DecodedEvent = { type: string; seq?: number } & Record<string, unknown>;

/** Schemas for reading, by type: fields that we add to the peer's events may be absent (reference/docker-agent.md 1.3). */
const READERS = new Map<EventType, z.ZodObject>();

function readerOf(type: EventType): z.ZodObject {
  const known = READERS.get(type);
  if (known !== undefined) return known;
  const declaration: EventDeclaration = EVENTS[type];
  const common = z.object(COMMON[declaration.kind]).partial().shape;
  const reader = z.looseObject({
    type: z.literal(type),
    ...common,
    ...declaration.shape,
    ...declaration.peer,
  });
  READERS.set(type, reader);
  return reader;
}

/**
 * Reads an event from its JSON text. The fields of its type are checked, defaults filled in, everything unknown is kept to the letter, at every
 * depth; an unknown type is passed on as it is. Throws `invalid_request` for what is not JSON, has no `type` or a wrong field.
 */
export function decodeEvent(json: string): DecodedEvent {
  let event: DecodedEvent;
  try {
    event = parseEvent(json);
  } catch (thrown) {
    throw new YonderError('invalid_request', `not an event: ${toYonderError(thrown).message}`, {
      cause: thrown,
    });
  }
  if (!isEventType(event.type)) return event;
  const checked = readerOf(event.type).safeParse(event);
  if (checked.success) return { ...checked.data, ...event };
  const faults = checked.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`);
  throw new YonderError('invalid_request', `the event ${event.type} is broken: ${faults.join('; ')}`, {
    cause: checked.error,
  });
}

/** What an event's text says. */
export type EventBody = { type: string; seq?: number } & Record<string, unknown>;

/** Parses an event text; what is not JSON with a `type` is `invalid_request` at the caller's place. */
export function parseEvent(json: string): EventBody {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null || typeof (value as { type?: unknown }).type !== 'string') {
    throw new TypeError('an event is a JSON object with a "type"');
  }
  return value as EventBody;
}
