import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { YonderError, toYonderError } from '../../protocol/errors.ts';
import { errorResponse } from '../error-response.ts';
import { bodyDeadline } from './body-deadline.ts';
import type { ServerLimits } from './limits.ts';
import { writeAnswer } from './write-answer.ts';

/** What a listener says when an answer is over; without a request where the bytes never became one. */
export interface Answered {
  request?: Request;
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  request_id: string;
  /** Of a request that no handler saw. */
  error?: YonderError;
}

/** In the place of a status: the client went away before it had one. As proxies write it; no answer has it. */
export const GONE = 499;

/** `Request -> Response`, as `createHandler` makes it. */
export type Handler = (request: Request) => Promise<Response>;

type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Node's requests as web requests, and answers written as fast as their readers take them. What is no request that a handler can be given is answered with an
 * error of the table; a client that goes away aborts its request's signal.
 */
export function nodeRequests(
  handler: Handler,
  options: { limits: ServerLimits; requestId: () => string; answered: (answered: Answered) => void },
): NodeListener {
  const { limits, requestId, answered } = options;
  const answer = getRequestListener(
    async (request, { outgoing }) => {
      const response = await handler(request);
      const { destroyed: isGone, headersSent: isRefused } = outgoing;
      await writeAnswer(response, outgoing as ServerResponse, limits);
      if (isRefused) return RESPONSE_ALREADY_SENT; // its body came too late, and that was said
      const request_id = response.headers.get('x-request-id') ?? '';
      const status = isGone ? GONE : response.status;
      answered({ request, method: request.method, path: pathOf(request.url), status, request_id });
      return RESPONSE_ALREADY_SENT;
    },
    { hostname: 'localhost', overrideGlobalObjects: false, errorHandler: (thrown) => refused(thrown) },
  );

  /** What is no URL, or no method that a request can have. */
  function refused(thrown: unknown): Response {
    const words = `this request cannot be read: ${toYonderError(thrown).message}`;
    const error = new YonderError('invalid_request', words, { cause: thrown });
    return said(error, '-', '-');
  }

  function said(error: YonderError, method: string, path: string): Response {
    const request_id = requestId();
    const response = errorResponse(error, request_id);
    answered({ method, path, status: response.status, request_id, error });
    return response;
  }

  async function refuseNow(
    { method = '-', url = '-' }: IncomingMessage,
    outgoing: ServerResponse,
    error: YonderError,
  ): Promise<void> {
    outgoing.setHeader('connection', 'close');
    await writeAnswer(said(error, method, pathOf(url)), outgoing, limits);
  }

  return (incoming, outgoing) => {
    const fault = headerFault(incoming, limits);
    if (fault !== undefined) return void refuseNow(incoming, outgoing, fault);
    if (hasBody(incoming)) {
      const late = (): void => {
        if (outgoing.headersSent) return void incoming.destroy();
        const error = new YonderError('invalid_request', 'the body did not arrive in time');
        void refuseNow(incoming, outgoing, error).finally(() => incoming.destroy());
      };
      bodyDeadline(incoming, limits, late);
    }
    void answer(incoming, outgoing);
  };
}

function headerFault(incoming: IncomingMessage, { headers }: ServerLimits): YonderError | undefined {
  if (incoming.rawHeaders.length / 2 > headers)
    return new YonderError('payload_too_large', `a request has at most ${headers} headers`);
  if (incoming.httpVersion !== '1.0' && (incoming.headersDistinct['host'] ?? []).length !== 1)
    return new YonderError('invalid_request', 'send one Host header');
  return undefined;
}

function pathOf(url: string): string {
  return URL.parse(url, 'http://host')?.pathname ?? '-';
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
