import { toYonderError, YonderError } from '../../protocol/errors.ts';
import type { Redaction } from '../../protocol/secrets.ts';

/** The same error without secrets in its words; what holds none is given back as it is. */
export function redactedError(thrown: unknown, secrets: Redaction): unknown {
  if (!secrets.isNeeded) return thrown;
  const error = toYonderError(thrown);
  const message = secrets.text(error.message);
  const details = secrets.json(error.details);
  if (message === error.message && details === error.details) return thrown;
  return new YonderError(error.code, message, {
    retryable: error.retryable,
    ...(details === undefined ? {} : { details }),
  });
}
