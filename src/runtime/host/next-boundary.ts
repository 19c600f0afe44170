import type { SessionLog } from '../log/session-log.ts';
import { isAtBoundary } from './at-boundary.ts';

/**
 * Resolves to true at the log's next boundary, after `reached` was called in the same breath as the event that made it one, so that no effect
 * begins after it; to false where `until` aborts before.
 */
export async function nextBoundary(
  log: SessionLog,
  until: AbortSignal,
  reached: () => void,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const look = (): void => {
    // What is not driven from here is not cut by our end.
    if (log.epoch !== undefined && !isAtBoundary(log.state)) return;
    reached();
    resolve(true);
  };
  const late = (): void => resolve(false);
  const stop = log.watch(look);
  until.addEventListener('abort', late, { once: true });
  if (until.aborted) late();
  look();
  try {
    return await promise;
  } finally {
    stop();
    until.removeEventListener('abort', late);
  }
}
