import type { RequestContext } from '../protocol/context.ts';

/** The context of a request over HTTP: who asks, and what they may, is what the server makes of the token. */
export const CALLER: RequestContext = { principal: '', scopes: [] };
