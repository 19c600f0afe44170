import { z } from 'zod';
import { JSON_POST } from './declare.ts';
import { inputMessageSchema } from './payloads.ts';

/** The request of every operation on one session starts with its id. */
export const ofSession = z.strictObject({ session_id: z.string() });
export const nothing = z.strictObject({});
/** Every answer to an input says under which number it stands in the inbox (R7). */
export const accepted = z.looseObject({ input_id: z.string() });
export const inputMessages = z.array(inputMessageSchema).min(1);
/** An answer that is one list, with the point of the log that it was read at (R36). */
export const listOf = <Item extends z.ZodType>(name: string, item: Item) =>
  z.looseObject({ [name]: z.array(item), as_of: z.number() });

/** An operation that only looks. */
export const READ = { ...JSON_POST, on: 'runtime', scope: 'read', changes: false } as const;
/** An operation that changes something, and so takes an idempotency key. */
export const CHANGE = { ...JSON_POST, on: 'runtime', scope: 'run', changes: true } as const;
