import { expect, test } from 'vitest';
import { exitOfError, exitOfRun, exitOfRuns } from '../../../src/cli/exit-code.ts';
import { ERRORS, type ErrorCode } from '../../../src/protocol/errors.ts';
import { stopReasonSchema } from '../../../src/protocol/events/run-events.ts';

/** WIRE.md section 3, written out once more. */
const BY_CODE: Record<number, ErrorCode[]> = {
  1: [
    'conflict',
    'already_resolved',
    'session_closed',
    'idempotency_conflict',
    'run_busy',
    'cursor_expired',
    'queue_full',
    'rate_limited',
    'model_error',
    'context_exceeded',
    'tool_failed',
    'hook_blocked',
    'loop_detected',
    'timeout',
    'recovery_exhausted',
    'internal',
  ],
  2: [
    'invalid_request',
    'invalid_team',
    'model_unavailable',
    'env_missing',
    'protocol_mismatch',
    'not_found',
    'no_run',
    'ambiguous_target',
    'payload_too_large',
  ],
  3: ['forbidden', 'path_escape', 'untrusted_team'],
  4: ['unauthorized', 'runner_lost', 'store_failed', 'unavailable'],
  5: ['unsupported'],
};

test('every error code has the exit code of the table, and the table has every code', () => {
  for (const [exit, codes] of Object.entries(BY_CODE)) {
    for (const code of codes) {
      expect([code, exitOfError(code)]).toEqual([code, Number(exit)]);
      expect(exitOfRun({ reason: 'error', refused: 0, errorCode: code })).toBe(Number(exit));
    }
  }
  expect(Object.values(BY_CODE).flat().toSorted()).toEqual(Object.keys(ERRORS).toSorted());
});

test('every end of a run', () => {
  const exits = stopReasonSchema.options.map((reason) => [reason, exitOfRun({ reason, refused: 0 })]);
  expect(exits).toEqual([
    ['normal', 0],
    ['continue', 1],
    ['steered', 1],
    ['error', 1],
    ['canceled', 130],
    ['hook_blocked', 1],
    ['loop_detected', 1],
    ['max_iterations', 1],
    ['budget_exceeded', 1],
    ['recovery_exhausted', 1],
  ]);
  expect(exitOfRun({ reason: 'normal', refused: 1 })).toBe(3);
  expect(exitOfRun({ reason: 'of a newer version', refused: 0 })).toBe(1);
  expect(exitOfError('of a newer version')).toBe(1);
});

test('successive runs: the first that failed decides, else a refusal in any of them', () => {
  const normal = { reason: 'normal', refused: 0 };
  expect(exitOfRuns([])).toBe(0);
  expect(exitOfRuns([normal, { reason: 'normal', refused: 2 }, normal])).toBe(3);
  expect(
    exitOfRuns([
      { reason: 'normal', refused: 2 },
      { reason: 'canceled', refused: 0 },
    ]),
  ).toBe(130);
});
