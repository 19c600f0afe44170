import type { YonderError } from '../../protocol/errors.ts';
import type { RunState } from '../fold/run-state.ts';
import { notify } from '../hooks/events/questions.ts';
import { event, type LoopContext } from './context.ts';

export type Played = { played?: number[] };

/** What a cassette played, so that a recovered run goes on behind it (R22). */
export function playedBy(part: { cassette_id?: number }): Played {
  return part.cassette_id === undefined ? {} : { played: [part.cassette_id] };
}

/** A warning of the run, in the log. */
export async function warn(
  context: LoopContext,
  run: RunState,
  message: string,
  played: Played = {},
): Promise<void> {
  await context.log.append({ events: [event('warning', run, { message, ...played })] });
  await notify(context, run, message);
}

/** Records why a run fails; the next step ends it. */
export async function fail(
  context: LoopContext,
  run: RunState,
  error: YonderError,
  played: Played = {},
): Promise<void> {
  await context.log.append({
    events: [
      event('error', run, {
        error: error.message,
        code: error.code,
        retryable: error.retryable,
        ...played,
        ...(error.details === undefined ? {} : { details: error.details }),
      }),
    ],
  });
}
