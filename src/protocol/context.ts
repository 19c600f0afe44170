import { z } from 'zod';
import type { Policy } from './policy.ts';

/** R12: `approve` is not part of `run`; `admin` is all. */
export const scopeSchema = z.enum(['read', 'run', 'approve', 'admin']);
export type Scope = z.infer<typeof scopeSchema>;

/** Who asks and what they may (R10); a parameter of every Backend and Runtime method, filled by the face that authenticated. */
export interface RequestContext {
  principal: string;
  scopes: readonly Scope[];
  /** What the place lets this caller do; absent, as for the local user: everything (R10). */
  policy?: Policy | undefined;
  /** Its token lets it answer questions of runs that it started itself; `admin` always may (R12). */
  approve_own?: boolean | undefined;
  /** R18; our client always makes one for what changes something. */
  idempotency_key?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** The local user: principal `admin` with all scopes (R12). */
export const LOCAL_CONTEXT: RequestContext = {
  principal: 'admin',
  scopes: ['read', 'run', 'approve', 'admin'],
};
