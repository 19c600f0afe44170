import { YonderError, toYonderError } from '../protocol/errors.ts';
import type { Transport } from '../protocol/backend.ts';
import {
  ACCEPTED,
  CONTRACT,
  LIMITS,
  OPERATIONS,
  routeOf,
  type OperationName,
} from '../protocol/contract/contract.ts';
import type { RequestContext } from '../protocol/context.ts';
import { shortened } from '../protocol/shortened.ts';
import { INPUT_ID_HEADER, RUN_ID_HEADER } from '../protocol/sse.ts';
import { bytesResponse } from './bytes-response.ts';
import { errorResponse } from './error-response.ts';
import { PLAIN_ROUTES } from './plain-routes.ts';
import { checkPlainBody, readBytes, readJson } from './read-body.ts';
import { Refusal } from './refusal.ts';
import { sseResponse } from './sse-response.ts';

export interface HandlerOptions {
  /** Who asks; undefined is `unauthorized`. */
  authenticate: (request: Request) => Promise<RequestContext | undefined>;
  /** Milliseconds between heartbeats of a stream. */
  heartbeat_ms?: number;
  requestId: () => string;
  /** Told of each error before it is answered, for a log. */
  failed?: (request: Request, error: YonderError) => void;
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
      const response = await answer(request, new URL(request.url));
      response.headers.set('x-request-id', id);
      return response;
    } catch (thrown) {
      const error = toYonderError(thrown);
      options.failed?.(request, error);
      return errorResponse(error, id);
    }
  };

  async function answer(request: Request, url: URL): Promise<Response> {
    const plain = PLAIN_ROUTES.get(url.pathname);
    const name = routes.get(url.pathname);
    const method = plain === undefined ? name && CONTRACT[name].http : 'GET';
    if (method !== undefined) checkMethod(request, url, method);
    if (plain !== undefined) checkNoQuery(url);
    if (plain?.token === false) return plain.answer(transport);
    const caller = await options.authenticate(request);
    if (caller === undefined)
      throw new YonderError('unauthorized', 'send a token: Authorization: Bearer <token>');
    if (plain !== undefined) return plain.answer(transport);
    if (name === undefined)
      throw new YonderError('not_found', `there is no operation at ${shortened(url.pathname)}`);
    return serve(transport, name, request, url, caller, options);
  }
}

/** The table of errors has no status of its own for this; `Allow` says what is there. */
function checkMethod(request: Request, url: URL, method: string): void {
  if (request.method === method) return;
  throw new Refusal(`${url.pathname} is ${method}, not ${shortened(request.method)}`, { allow: method });
}

function checkNoQuery(url: URL): void {
  if (url.search !== '') throw new YonderError('invalid_request', `${url.pathname} takes no fields`);
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
      const query = queryOf(url);
      checkPlainBody(request.headers);
      const bytes = await readBytes(
        request,
        caller.policy?.upload_bytes ?? LIMITS.upload_bytes,
        uploadTooLarge,
      );
      const media_type = request.headers.get('content-type') ?? 'application/octet-stream';
      return Response.json(await transport.upload(context, { ...query, media_type }, bytes));
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

/** Each field once: which of two would count is nobody's guess. */
function queryOf(url: URL): Record<string, string> {
  const names = [...url.searchParams.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new YonderError(
      'invalid_request',
      `${url.pathname}: ${shortened(twice)} stands in the address twice`,
    );
  return Object.fromEntries(url.searchParams);
}

/** `Last-Event-ID` beats `after`. */
function cursorQuery(url: URL, request: Request): Record<string, string> {
  const last = request.headers.get('last-event-id');
  return last === null || last === '' ? queryOf(url) : { ...queryOf(url), after: last };
}

function uploadTooLarge(limit: number): YonderError {
  return new YonderError('payload_too_large', `an upload is at most ${limit} bytes`);
}
