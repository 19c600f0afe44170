import { ERRORS, isErrorCode } from '../protocol/errors.ts';

/** How a run ended, as far as its exit code depends on it. */
export interface RunEnd {
  /** A StopReason, or one of a newer version. */
  reason: string;
  /** Calls refused because nobody could answer, its children's included. */
  refused: number;
  /** The code of the run's last `error` event. */
  errorCode?: string | undefined;
}

/** WIRE.md section 3: exit by the end of a run. A reason that we do not know is a failure. */
export function exitOfRun(end: RunEnd): number {
  if (end.reason === 'normal') return end.refused > 0 ? 3 : 0;
  if (end.reason === 'canceled') return 130;
  if (end.reason === 'error') return exitOfError(end.errorCode);
  return 1;
}

/** Successive runs of one command: the first that did not end `normal` decides, else 3 if anything was refused in any. */
export function exitOfRuns(ends: readonly RunEnd[]): number {
  const failed = ends.find((end) => end.reason !== 'normal');
  if (failed !== undefined) return exitOfRun(failed);
  return ends.some((end) => end.refused > 0) ? 3 : 0;
}

export function exitOfError(code: string | undefined): number {
  return isErrorCode(code) ? ERRORS[code].exit : 1;
}
