/** `yonder-agents/server`: the contract as `Request -> Response` over any transport, and that on a socket. */
export { createHandler, type HandlerOptions } from './handler.ts';
export { startServer, type ServerOptions } from './server.ts';
export { readAddress, type Address } from './listen/address.ts';
export type { Listener } from './listen/listen.ts';
export { readTls, type TlsTexts } from './listen/tls.ts';
export { authenticator, type AuthOptions } from './auth/authenticate.ts';
export { tokenHash, makeToken } from './auth/token.ts';
export type { TokenEntry } from './auth/entries.ts';
export { requestLog, type RequestEntry, type RequestLog } from './request-log.ts';
