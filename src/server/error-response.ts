import { errorToBody } from '../protocol/error-body.ts';
import { ERRORS, type YonderError } from '../protocol/errors.ts';
import { Refusal } from './refusal.ts';

/** An error as the wire says it, with what its code asks a client to do. */
export function errorResponse(error: YonderError, id: string): Response {
  const headers: Record<string, string> = {
    'x-request-id': id,
    ...(error instanceof Refusal ? error.headers : {}),
  };
  if (error.retryable) headers['retry-after'] = retryAfter(error);
  if (error.code === 'unauthorized') headers['www-authenticate'] = 'Bearer';
  return Response.json(errorToBody(error, id), { status: ERRORS[error.code].status, headers });
}

function retryAfter({ details }: YonderError): string {
  const seconds = details?.['retry_after_s'];
  return typeof seconds === 'number' ? String(Math.max(1, Math.ceil(seconds))) : '1';
}
