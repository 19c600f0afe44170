/** `yonder-agents/client`: a Yonder server as a Backend, over `fetch`; runs in a browser. */
export { bindBackend, type Backend, type Runtime, type RunStream } from '../protocol/backend.ts';
export { createHttpTransport, type HttpTransportOptions } from './http-transport.ts';
export { resumingStream, STREAM_TIMES, type StreamSource, type StreamTimes } from './event-stream.ts';
