import type { z } from 'zod';
import type { Scope } from '../context.ts';

/** How an answer travels: JSON, an SSE stream, raw bytes back, or raw bytes in. */
export type Transfer = 'json' | 'stream' | 'bytes' | 'upload';

export interface OperationDeclaration {
  /** Method of Backend or Runtime; a type ties the two together, so an operation without one does not compile. */
  method: string;
  /** `runtime`: bound to one session, its request has `session_id`. */
  on: 'backend' | 'runtime';
  http: 'GET' | 'POST';
  scope: Scope;
  transfer: Transfer;
  /** Takes an idempotency key (R18). */
  changes: boolean;
  /** Protocol version `major.minor` that brought it (R29). */
  since: string;
  /** False: answers `unsupported` everywhere and is absent from `features`. */
  built: boolean;
  request: z.ZodType;
  response: z.ZodType;
}

/** Keeps the literal types of a declaration. */
export function operation<const Declaration extends OperationDeclaration>(
  declaration: Declaration,
): Declaration {
  return declaration;
}

/** What most operations share. */
export const JSON_POST = { http: 'POST', transfer: 'json', since: '1.0', built: true } as const;
