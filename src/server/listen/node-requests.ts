import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { YonderError, toYonderError } from '../../protocol/errors.ts';
import { errorResponse } from '../error-response.ts';
import { bodyDeadline } from './body-deadline.ts';
import type { ServerLimits } from './limits.ts';
import { writeAnswer } from './write-answer.ts';

/** `Request -> Response`, as `createHandler` makes it. */
export type Handler = (request: Request) => Promise<Response>;

type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Node's requests as web requests, and answers written as fast as their readers take them. What is no request that a handler can be given is answered with an
 * error of the table; a client that goes away aborts its request's signal.
 */
export function nodeRequests(
  handler: Handler,
  options: { limits: ServerLimits; requestId: () => string },
): NodeListener {
  const { limits, requestId } = options;
  const answer = getRequestListener(
    async (request, { outgoing }) => {
      await writeAnswer(await handler(request), outgoing as ServerResponse, limits);
      return RESPONSE_ALREADY_SENT;
    },
    { hostname: 'localhost', overrideGlobalObjects: false, errorHandler: (thrown) => refuse(thrown) },
  );

  function refuse(thrown: unknown): Response {
    const words = `this request cannot be read: ${toYonderError(thrown).message}`;
    return errorResponse(new YonderError('invalid_request', words, { cause: thrown }), requestId());
  }

  async function refuseNow(outgoing: ServerResponse, error: YonderError): Promise<void> {
    outgoing.setHeader('connection', 'close');
    await writeAnswer(errorResponse(error, requestId()), outgoing, limits);
  }

  return (incoming, outgoing) => {
    const fault = headerFault(incoming, limits);
    if (fault !== undefined) return void refuseNow(outgoing, fault);
    if (hasBody(incoming)) {
      const late = (): void => {
        const error = new YonderError('invalid_request', 'the body did not arrive in time');
        void refuseNow(outgoing, error).finally(() => incoming.destroy());
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

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
