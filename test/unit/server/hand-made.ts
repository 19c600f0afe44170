import type { RunStream, Transport } from '../../../src/protocol/backend.ts';
import { LOCAL_CONTEXT, type RequestContext } from '../../../src/protocol/context.ts';
import { decodeRequest } from '../../../src/protocol/contract/codec.ts';
import type { WireEvent } from '../../../src/protocol/events/events.ts';
import { createHandler, type HandlerOptions } from '../../../src/server/handler.ts';

export interface Called {
  name: string;
  request: unknown;
  context: RequestContext;
}

/** A transport that notes what reached it, judges requests as a Host does, and answers what it is given. */
export function handMade(answers: {
  call?: (called: Called) => unknown;
  follow?: (called: Called) => AsyncIterable<WireEvent>;
  run?: (called: Called) => RunStream;
  bytes?: (called: Called) => Awaited<ReturnType<Transport['bytes']>>;
}): { transport: Transport; calls: Called[] } {
  const calls: Called[] = [];
  const reached = (name: Called['name'], context: RequestContext, request: unknown): Called => {
    const called = { name, request: decodeRequest(name as never, request), context };
    calls.push(called);
    return called;
  };
  const missing = (): never => {
    throw new TypeError('the test gave no answer');
  };
  const transport: Transport = {
    call: async (name, context, request) => (answers.call ?? missing)(reached(name, context, request)),
    follow: (name, context, request) => (answers.follow ?? missing)(reached(name, context, request)),
    run: async (context, request) => (answers.run ?? missing)(reached('session/run', context, request)),
    bytes: async (name, context, request) => (answers.bytes ?? missing)(reached(name, context, request)),
    upload: async (context, request, bytes) => {
      reached('upload/create', context, request);
      return { upload_id: 'u', size: bytes.byteLength, sha256: '0' };
    },
    close: async () => {},
  };
  return { transport, calls };
}

export function handlerOver(transport: Transport, options: Partial<HandlerOptions> = {}) {
  let count = 0;
  return createHandler(transport, {
    authenticate: async (request) =>
      request.headers.get('authorization') === 'Bearer wrong' ? undefined : LOCAL_CONTEXT,
    requestId: () => `http_${(count += 1)}`,
    ...options,
  });
}

export function post(path: string, body: unknown, headers: Record<string, string> = {}): Request {
  return new Request(`http://yonder.test${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function get(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`http://yonder.test${path}`, { headers });
}

export function durable(seq: number, fields: Record<string, unknown> = {}): WireEvent {
  return {
    seq,
    type: 'warning',
    json: JSON.stringify({ type: 'warning', seq, message: `m${seq}`, ...fields }),
  };
}
