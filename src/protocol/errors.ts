/**
 * The one table of errors (WIRE.md section 3). It drives HTTP status, retries, CLI exit codes and docs;
 * a test compares the four.
 */
export const ERRORS = {
  invalid_request: { status: 400, retryable: false, exit: 2 },
  invalid_team: { status: 400, retryable: false, exit: 2 },
  model_unavailable: { status: 400, retryable: false, exit: 2 },
  env_missing: { status: 400, retryable: false, exit: 2 },
  protocol_mismatch: { status: 400, retryable: false, exit: 2 },
  unauthorized: { status: 401, retryable: false, exit: 4 },
  forbidden: { status: 403, retryable: false, exit: 3 },
  path_escape: { status: 403, retryable: false, exit: 3 },
  untrusted_team: { status: 403, retryable: false, exit: 3 },
  not_found: { status: 404, retryable: false, exit: 2 },
  no_run: { status: 404, retryable: false, exit: 2 },
  ambiguous_target: { status: 409, retryable: false, exit: 2 },
  conflict: { status: 409, retryable: false, exit: 1 },
  already_resolved: { status: 409, retryable: false, exit: 1 },
  session_closed: { status: 409, retryable: false, exit: 1 },
  idempotency_conflict: { status: 409, retryable: false, exit: 1 },
  run_busy: { status: 409, retryable: true, exit: 1 },
  cursor_expired: { status: 410, retryable: false, exit: 1 },
  payload_too_large: { status: 413, retryable: false, exit: 2 },
  queue_full: { status: 429, retryable: true, exit: 1 },
  rate_limited: { status: 429, retryable: true, exit: 1 },
  model_error: { status: 500, retryable: false, exit: 1 },
  context_exceeded: { status: 500, retryable: false, exit: 1 },
  tool_failed: { status: 500, retryable: false, exit: 1 },
  hook_blocked: { status: 500, retryable: false, exit: 1 },
  loop_detected: { status: 500, retryable: false, exit: 1 },
  timeout: { status: 500, retryable: false, exit: 1 },
  recovery_exhausted: { status: 500, retryable: false, exit: 1 },
  internal: { status: 500, retryable: false, exit: 1 },
  unsupported: { status: 501, retryable: false, exit: 5 },
  runner_lost: { status: 502, retryable: true, exit: 4 },
  store_failed: { status: 503, retryable: true, exit: 4 },
  unavailable: { status: 503, retryable: true, exit: 4 },
} as const satisfies Record<string, { status: number; retryable: boolean; exit: number }>;

export type ErrorCode = keyof typeof ERRORS;

export interface YonderErrorOptions {
  /** What went wrong below this error. */
  cause?: unknown;
  /** Machine-readable facts beside the message, e.g. the valid names. */
  details?: Record<string, unknown>;
  /** Overrides the table, e.g. a model error that may be retried. */
  retryable?: boolean;
}

/** Every error that leaves a room of ours. The message says what was wrong, where, and what to do, in one sentence. */
export class YonderError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, options: YonderErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'YonderError';
    this.code = code;
    this.retryable = options.retryable ?? ERRORS[code].retryable;
    this.details = options.details;
  }
}

/** What a place cannot do, refused before any effect (DESIGN.md, promise 2). Wire status 501, exit code 5. */
export class UnsupportedError extends YonderError {
  readonly feature: string;

  constructor(feature: string, place: string, options: YonderErrorOptions = {}) {
    super('unsupported', `${feature} is not supported ${place}`, {
      ...options,
      details: { feature, place, ...options.details },
    });
    this.name = 'UnsupportedError';
    this.feature = feature;
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}

/** Turns anything thrown into one of ours; what is not ours becomes `internal` (or `code`) with its cause kept. */
export function toYonderError(thrown: unknown, code: ErrorCode = 'internal'): YonderError {
  if (thrown instanceof YonderError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new YonderError(code, message, { cause: thrown });
}
