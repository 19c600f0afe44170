import { z } from 'zod';

/** Durable events have a number and stand in the log; previews and connection events have neither (R2, R36). */
export type EventKind = 'durable' | 'preview' | 'connection';

export interface EventDeclaration {
  kind: EventKind;
  /** One sentence for docs/events.md. */
  about: string;
  shape: z.ZodRawShape;
  /** Fields that a reader takes in the peer's wider form too, or without which the peer sends the event. */
  peer?: z.ZodRawShape;
}

/** Fields that every durable event has beside its own. */
export const durableFields = {
  seq: z.number().int().positive(),
  timestamp: z.string(),
  session_id: z.string(),
  run_id: z.string().optional(),
  parent: z.object({ session_id: z.string(), tool_call_id: z.string() }).optional(),
  agent_name: z.string().optional(),
} satisfies z.ZodRawShape;

/** Fields that every preview has beside its own: `offset` counts UTF-16 code units (R2). */
export const previewFields = {
  session_id: z.string(),
  run_id: z.string(),
  agent_name: z.string().optional(),
  parent: z.object({ session_id: z.string(), tool_call_id: z.string() }).optional(),
  attempt: z.number().int(),
  offset: z.number().int().nonnegative(),
} satisfies z.ZodRawShape;

export function durable<Shape extends z.ZodRawShape>(about: string, shape: Shape, peer: z.ZodRawShape = {}) {
  return { kind: 'durable', about, shape, peer } as const;
}

export function preview<Shape extends z.ZodRawShape>(about: string, shape: Shape, peer: z.ZodRawShape = {}) {
  return { kind: 'preview', about, shape, peer } as const;
}

export function connection<Shape extends z.ZodRawShape>(about: string, shape: Shape) {
  return { kind: 'connection', about, shape } as const;
}

/** What keeps a question: the step of a run, or a connection (R15). */
export const heldBy = z.enum(['step', 'connection']);
/** The peer's media carry their data; ours are blobs. */
export const anyParts = z.array(z.looseObject({}));
