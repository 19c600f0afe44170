/** `yonder-agents/server`: the contract as `Request -> Response`, over any transport. */
export { createHandler, type HandlerOptions } from './handler.ts';
