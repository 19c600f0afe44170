import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorBodySchema, errorFromBody, errorToBody } from '../../../src/protocol/error-body.ts';
import {
  ERRORS,
  isErrorCode,
  toYonderError,
  UnsupportedError,
  YonderError,
  type ErrorCode,
} from '../../../src/protocol/errors.ts';
import { jsonValues } from './arbitrary.ts';

/** Codes, status, retry, exit: by hand. */
const TABLE = `
invalid_request invalid_team model_unavailable env_missing protocol_mismatch | 400 | no | 2
unauthorized | 401 | no | 4
forbidden path_escape untrusted_team | 403 | no | 3
not_found no_run | 404 | no | 2
ambiguous_target | 409 | no | 2
conflict already_resolved session_closed idempotency_conflict | 409 | no | 1
run_busy | 409 | yes | 1
cursor_expired | 410 | no | 1
payload_too_large | 413 | no | 2
queue_full rate_limited | 429 | yes | 1
model_error context_exceeded tool_failed hook_blocked loop_detected timeout recovery_exhausted internal | 500 | no | 1
unsupported | 501 | no | 5
runner_lost | 502 | yes | 4
store_failed unavailable | 503 | yes | 4
`;

const rows = TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [codes = '', status, retry, exit] = line.split(' | ');
    return codes.split(' ').map((code) => ({ code, status: Number(status), retry, exit: Number(exit) }));
  });

test('the code has the table, no more and no less', () => {
  const found = Object.entries(ERRORS).map(([code, { status, retryable, exit }]) => ({
    code,
    status,
    retry: retryable ? 'yes' : 'no',
    exit,
  }));
  expect(found).toEqual(rows);
});

test('docs/errors.md has the table too', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
  const found = [...page.matchAll(/^\| `(\w+)` \| (\d+) \| (yes|no) \| (\d+) \|/gm)].map(
    ([, code, status, retry, exit]) => ({ code, status: Number(status), retry, exit: Number(exit) }),
  );
  expect(found).toEqual(rows);
});

const codes = Object.keys(ERRORS) as ErrorCode[];

/** An error as the other side has it. */
function carried(error: YonderError): YonderError {
  return errorFromBody(errorBodySchema.parse(JSON.parse(JSON.stringify(errorToBody(error, 'http_1')))));
}

describe('an error that travels', () => {
  test('keeps code, message, retryable and details', () => {
    const details = fc.option(
      fc.dictionary(
        fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
        jsonValues,
        {
          noNullPrototype: true,
        },
      ),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.string(),
        fc.boolean(),
        details,
        (code, message, retryable, held) => {
          const error = new YonderError(code, message, {
            retryable,
            ...(held === undefined ? {} : { details: held }),
          });
          const { details: arrived, ...rest } = carried(error);
          expect({ ...rest, message: carried(error).message }).toMatchObject({ code, message, retryable });
          expect(arrived).toEqual(held === undefined ? undefined : JSON.parse(JSON.stringify(held)));
        },
      ),
    );
  });

  test('keeps the class of an unsupported one, and its words where the server says it otherwise', () => {
    const error = carried(
      new UnsupportedError('snapshots', 'on this runner', { retryable: true, details: { a: 1 } }),
    );
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({
      code: 'unsupported',
      feature: 'snapshots',
      retryable: true,
      message: 'snapshots is not supported on this runner',
      details: { feature: 'snapshots', place: 'on this runner', a: 1 },
    });
    const body = errorToBody(error);
    body.error.message = 'geht hier nicht';
    expect(errorFromBody(body).message).toBe('geht hier nicht');
  });

  test('of an unknown code is internal with the code kept', () => {
    const body = { error: { code: 'too_new', message: 'm', retryable: true, details: { a: 1 } } };
    expect(errorFromBody(body)).toMatchObject({
      code: 'internal',
      message: 'm',
      retryable: true,
      details: { a: 1, code: 'too_new' },
    });
    for (const code of ['toString', '__proto__', 'constructor', '']) expect(isErrorCode(code)).toBe(false);
  });

  test('has its body whole: the id of the request, no empty details', () => {
    expect(errorToBody(new YonderError('no_run', 'm'))).toEqual({
      error: { code: 'no_run', message: 'm', retryable: false },
    });
    expect(errorToBody(new YonderError('run_busy', 'm', { details: { pid: 1 } }), 'h')).toEqual({
      error: { code: 'run_busy', message: 'm', retryable: true, details: { pid: 1 }, http_request_id: 'h' },
    });
  });
});

test.each([['{}'], ['{"error":"gone"}'], ['{"error":{"code":"x"}}'], ['[]'], ['null']])(
  'the body %s is not ours',
  (text) => {
    expect(errorBodySchema.safeParse(JSON.parse(text)).success).toBe(false);
  },
);

test('what was thrown otherwise becomes ours with its cause', () => {
  const ours = new YonderError('conflict', 'm');
  expect(toYonderError(ours, 'store_failed')).toBe(ours);
  const cause = new TypeError('broken');
  expect(toYonderError(cause)).toMatchObject({ code: 'internal', message: 'broken', cause });
  expect(toYonderError('text', 'timeout')).toMatchObject({ code: 'timeout', message: 'text', cause: 'text' });
});
