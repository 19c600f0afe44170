import { errorToBody } from '../protocol/error-body.ts';
import { ERRORS, YonderError, toYonderError } from '../protocol/errors.ts';
import type { Transport } from '../protocol/backend.ts';
import { CONTRACT, LIMITS, OPERATIONS, routeOf, type OperationName } from '../protocol/contract/contract.ts';
import type { RequestContext } from '../protocol/context.ts';
import { INPUT_ID_HEADER, RUN_ID_HEADER } from '../protocol/sse.ts';
import { bytesResponse } from './bytes-response.ts';
import { readBytes, readJson } from './read-body.ts';
import { sseResponse } from './sse-response.ts';

export interface HandlerOptions {
  /** Who asks; undefined is `unauthorized`. */
  authenticate: (request: Request) => Promise<RequestContext | undefined>;
  /** Milliseconds between heartbeats of a stream. */
  heartbeat_ms?: number;
  requestId: () => string;
}

/** `Request -> Response` over any transport: the server without its socket. Every route comes from the contract. */
export function createHandler(
  transport: Transport,
  options: HandlerOptions,
): (request: Request) => Promise<Response> {
  const routes = new Map<string, OperationName>(OPERATIONS.map((name) => [routeOf(name), name]));
  return async (request) => {
    const id = options.requestId();
    try {
      const url = new URL(request.url);
      if (url.pathname === '/health') return Response.json({ status: 'ok' });
      const name = routes.get(url.pathname);
      if (name === undefined) throw new YonderError('not_found', `there is no operation at ${url.pathname}`);
      if (request.method !== CONTRACT[name].http) {
        throw new YonderError(
          'invalid_request',
          `${url.pathname} is ${CONTRACT[name].http}, not ${request.method}`,
        );
      }
      const caller = await options.authenticate(request);
      if (caller === undefined)
        throw new YonderError('unauthorized', 'send a token: Authorization: Bearer <token>');
      return await serve(transport, name, request, url, caller, options);
    } catch (thrown) {
      return errorResponse(toYonderError(thrown), id);
    }
  };
}

async function serve(
  transport: Transport,
  name: OperationName,
  request: Request,
  url: URL,
  caller: RequestContext,
  options: HandlerOptions,
): Promise<Response> {
  const stop = new AbortController();
  const context: RequestContext = {
    ...caller,
    idempotency_key: request.headers.get('idempotency-key') ?? undefined,
    signal: AbortSignal.any([request.signal, stop.signal]),
  };
  const streaming = { heartbeat_ms: options.heartbeat_ms ?? LIMITS.heartbeat_ms, stop: () => stop.abort() };
  switch (CONTRACT[name].transfer) {
    case 'upload': {
      const bytes = await readBytes(request, LIMITS.upload_bytes);
      const media_type = request.headers.get('content-type') ?? 'application/octet-stream';
      const file = url.searchParams.get('name');
      return Response.json(
        await transport.upload(context, { media_type, ...(file === null ? {} : { name: file }) }, bytes),
      );
    }
    case 'bytes':
      return bytesResponse(await transport.bytes(name, context, queryOf(url)), request.headers.get('range'));
    case 'stream':
      if (name !== 'session/run')
        return sseResponse(transport.follow(name, context, cursorQuery(url, request)), streaming);
      return runResponse(transport, request, context, streaming);
    case 'json': {
      const body = CONTRACT[name].http === 'GET' ? queryOf(url) : await readJson(request, LIMITS.body_bytes);
      const status = ACCEPTED.has(name) ? 202 : 200;
      return Response.json(await transport.call(name, context, body), { status });
    }
  }
}

/** Operations that put a row into the inbox and answer before it is taken. */
const ACCEPTED: ReadonlySet<OperationName> = new Set(['session/steer', 'session/follow_up']);

async function runResponse(
  transport: Transport,
  request: Request,
  context: RequestContext,
  streaming: { heartbeat_ms: number; stop: () => void },
): Promise<Response> {
  const body = (await readJson(request, LIMITS.body_bytes)) as Parameters<Transport['run']>[1];
  const run = await transport.run(context, body);
  if (request.headers.get('accept')?.includes('application/json') === true) {
    return Response.json({ run_id: run.run_id, input_id: run.input_id }, { status: 202 });
  }
  return sseResponse(run, {
    ...streaming,
    headers: { [RUN_ID_HEADER]: run.run_id, [INPUT_ID_HEADER]: run.input_id },
  });
}

function queryOf(url: URL): Record<string, string> {
  return Object.fromEntries(url.searchParams);
}

/** `Last-Event-ID` beats `after`. */
function cursorQuery(url: URL, request: Request): Record<string, string> {
  const last = request.headers.get('last-event-id');
  return last === null || last === '' ? queryOf(url) : { ...queryOf(url), after: last };
}

function errorResponse(error: YonderError, id: string): Response {
  const headers: Record<string, string> = { 'x-request-id': id };
  if (error.retryable) headers['retry-after'] = '1';
  return Response.json(errorToBody(error, id), { status: ERRORS[error.code].status, headers });
}
