import { randomUUID } from 'node:crypto';
import { LOCAL_CONTEXT, type RequestContext } from '../protocol/context.ts';

/** The local user's context for one request that changes something (R12, R18). */
export function changing(signal?: AbortSignal): RequestContext {
  return { ...LOCAL_CONTEXT, idempotency_key: randomUUID(), ...(signal === undefined ? {} : { signal }) };
}

/** The same for one that only looks. */
export function looking(signal?: AbortSignal): RequestContext {
  return signal === undefined ? LOCAL_CONTEXT : { ...LOCAL_CONTEXT, signal };
}
