import { errorToBody } from '../protocol/error-body.ts';
import { ERRORS, UnsupportedError, YonderError, toYonderError } from '../protocol/errors.ts';
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
      const response = (await probe(transport, request, url)) ?? (await answer(request, url));
      response.headers.set('x-request-id', id);
      return response;
    } catch (thrown) {
      return errorResponse(toYonderError(thrown), id);
    }
  };

  async function answer(request: Request, url: URL): Promise<Response> {
    const name = routes.get(url.pathname);
    if (name !== undefined) checkMethod(request, url, CONTRACT[name].http);
    const caller = await options.authenticate(request);
    if (caller === undefined)
      throw new YonderError('unauthorized', 'send a token: Authorization: Bearer <token>');
    if (url.pathname === '/openapi.json') throw new UnsupportedError('openapi.json', 'yet');
    if (name === undefined) throw new YonderError('not_found', `there is no operation at ${url.pathname}`);
    return serve(transport, name, request, url, caller, options);
  }
}

function checkMethod(request: Request, url: URL, method: string): void {
  if (request.method === method) return;
  throw new YonderError('invalid_request', `${url.pathname} is ${method}, not ${request.method}`);
}

/** `/health` says that the process answers, `/ready` that its store does; both without a token and without detail. */
async function probe(transport: Transport, request: Request, url: URL): Promise<Response | undefined> {
  if (url.pathname !== '/health' && url.pathname !== '/ready') return undefined;
  checkMethod(request, url, 'GET');
  if (url.pathname === '/health') return Response.json({ status: 'ok' });
  try {
    await transport.call('session/list', { principal: '', scopes: ['read'] }, { limit: 1 });
    return Response.json({ status: 'ready' });
  } catch (thrown) {
    throw new YonderError('unavailable', 'not ready', { cause: thrown });
  }
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
    idempotency_key: keyOf(request),
    signal: AbortSignal.any([request.signal, stop.signal]),
  };
  const streaming = { heartbeat_ms: options.heartbeat_ms ?? LIMITS.heartbeat_ms, stop: () => stop.abort() };
  switch (CONTRACT[name].transfer) {
    case 'upload': {
      const bytes = await readBytes(request, LIMITS.upload_bytes, uploadTooLarge);
      const media_type = request.headers.get('content-type') ?? 'application/octet-stream';
      return Response.json(await transport.upload(context, { ...queryOf(url), media_type }, bytes));
    }
    case 'bytes':
      return bytesResponse(await transport.bytes(name, context, queryOf(url)), request.headers.get('range'));
    case 'stream':
      if (name !== 'session/run')
        return sseResponse(transport.follow(name, context, cursorQuery(url, request)), streaming);
      return runResponse(transport, request, await bodyOf(request, url), context, streaming);
    case 'json': {
      const body = CONTRACT[name].http === 'GET' ? queryOf(url) : await bodyOf(request, url);
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
  body: unknown,
  context: RequestContext,
  streaming: { heartbeat_ms: number; stop: () => void },
): Promise<Response> {
  const run = await transport.run(context, body as Parameters<Transport['run']>[1]);
  const accept = request.headers.get('accept') ?? '';
  if (accept.includes('application/json') && !accept.includes('text/event-stream')) {
    return Response.json({ run_id: run.run_id, input_id: run.input_id }, { status: 202 });
  }
  return sseResponse(run, {
    ...streaming,
    headers: { [RUN_ID_HEADER]: run.run_id, [INPUT_ID_HEADER]: run.input_id },
  });
}

/** R18; printable ASCII, since it is a header. */
const KEY = /^[\x21-\x7e]{1,255}$/;

function keyOf(request: Request): string | undefined {
  const key = request.headers.get('idempotency-key');
  if (key === null) return undefined;
  if (KEY.test(key)) return key;
  throw new YonderError('invalid_request', 'Idempotency-Key: 1 to 255 printable characters without blanks');
}

/** The fields of a POST stand in its body alone; one in the address would be overlooked. */
async function bodyOf(request: Request, url: URL): Promise<Record<string, unknown>> {
  if (url.search !== '')
    throw new YonderError(
      'invalid_request',
      `${url.pathname} takes its fields in the body, not in the address`,
    );
  return readJson(request, LIMITS.body_bytes);
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
  if (error.code === 'unauthorized') headers['www-authenticate'] = 'Bearer';
  return Response.json(errorToBody(error, id), { status: ERRORS[error.code].status, headers });
}

function uploadTooLarge(limit: number): YonderError {
  return new YonderError('payload_too_large', `an upload is at most ${limit} bytes`);
}
