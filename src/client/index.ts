export { bindBackend, type Backend, type Runtime, type RunStream } from '../protocol/backend.ts';
export { createHttpTransport, type HttpTransportOptions } from './http-transport.ts';
export { resumingStream, STREAM_TIMES, type StreamTimes } from './event-stream.ts';
