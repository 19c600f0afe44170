import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorToBody } from '../../protocol/error-body.ts';
import { ERRORS, YonderError } from '../../protocol/errors.ts';

/** What is wrong with bytes that never became a request; undefined where nobody is left to be told. */
export function faultOf(
  cause: NodeJS.ErrnoException,
  limits: { header_bytes: number },
): YonderError | undefined {
  // Whoever does not get through the handshake of TLS cannot be told in words.
  if (/^ERR_(SSL|TLS)_/.test(cause.code ?? '')) return undefined;
  switch (cause.code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined;
    case 'HPE_HEADER_OVERFLOW':
      return new YonderError(
        'payload_too_large',
        `the request line and the headers are over ${limits.header_bytes} bytes`,
        { cause },
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new YonderError('invalid_request', 'the headers did not arrive in time', { cause });
    default:
      return new YonderError('invalid_request', `this is no HTTP request (${cause.code ?? cause.message})`, {
        cause,
      });
  }
}

/** Says an error on a connection that has no request to answer, and ends it; returns the status. */
export function rawAnswer(socket: Duplex, error: YonderError, id: string): number {
  const { status } = ERRORS[error.code];
  const body = JSON.stringify(errorToBody(error, id));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${id}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  return status;
}
