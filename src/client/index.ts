/** `yonder-agents/client`: a Yonder server as a Backend, over `fetch`; runs in a browser. */
export { bindBackend, type Backend, type Runtime, type RunStream } from '../protocol/backend.ts';
export { YonderError, UnsupportedError } from '../protocol/errors.ts';
export { CALLER } from './caller.ts';
export type { HttpTransportOptions } from './connection.ts';
export { createHttpTransport } from './http-transport.ts';
export { resumingStream, type StreamSource } from './event-stream.ts';
export { STREAM_TIMES, type StreamTimes } from './times.ts';
export { ConnectionLostError } from './lost.ts';
export type { UploadProgress } from './upload-body.ts';
