import { z } from 'zod';
import { ERRORS, isErrorCode, UnsupportedError, YonderError, type ErrorCode } from './errors.ts';

export const errorCodes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** `{error: {...}}` of WIRE.md section 3. */
export const errorBodySchema = z.looseObject({
  error: z.looseObject({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    details: z.record(z.string(), z.unknown()).optional(),
    http_request_id: z.string().optional(),
  }),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

export function errorToBody(error: YonderError, http_request_id?: string): ErrorBody {
  return {
    error: {
      code: error.code,
      message: error.message,
      retryable: error.retryable,
      ...(error.details === undefined ? {} : { details: error.details }),
      ...(http_request_id === undefined ? {} : { http_request_id }),
    },
  };
}

/** The error that a body stands for; an unknown code (a newer server's) becomes `internal` with the code kept in details. */
export function errorFromBody(body: ErrorBody): YonderError {
  const { code, message, retryable, details } = body.error;
  const feature = details?.['feature'];
  const place = details?.['place'];
  if (code === 'unsupported' && typeof feature === 'string' && typeof place === 'string') {
    const error = new UnsupportedError(feature, place, {
      retryable,
      ...(details === undefined ? {} : { details }),
    });
    // The words are the server's, which may say it otherwise.
    error.message = message;
    return error;
  }
  if (!isErrorCode(code)) {
    return new YonderError('internal', message, { retryable, details: { ...details, code } });
  }
  return new YonderError(code, message, { retryable, ...(details === undefined ? {} : { details }) });
}
