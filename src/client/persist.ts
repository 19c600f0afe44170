import { unlessAborted } from './abort.ts';
import { ConnectionLostError } from './lost.ts';
import { delayOf, pause, withStall, type StreamTimes } from './times.ts';

export interface Persistence {
  times: StreamTimes;
  /** What messages call the server. */
  shown: string;
  signal: AbortSignal | undefined;
  /** Whether a server ever answered here. Who was never reached is not waited for. */
  isKnown: () => boolean;
  /** How long an answer may take before the connection counts as lost; default: the stall of a stream. */
  patience?: number;
  /** Hears of the first loss of a call that is tried again. */
  onLost?: ((error: ConnectionLostError) => void) | undefined;
}

/** Tries of a first contact that breaks off in the middle. */
const FIRST_TRIES = 5;

/**
 * Asks again where the connection was lost, as long as a stream would come back. The caller sends the same key each time, so that what was
 * already done is not done again (R18). What a server answered, an error too, is the answer.
 */
export async function persistently<Value>(
  attempt: (signal: AbortSignal) => Promise<Value>,
  { times, shown, signal, isKnown, patience = times.stall, onLost }: Persistence,
): Promise<Value> {
  let lostAt: number | undefined;
  for (let count = 1; ; count += 1) {
    signal?.throwIfAborted();
    const begun = Date.now();
    // Who waits for a server that is away waits no longer than that in all.
    const left = lostAt === undefined ? patience : Math.max(1, lostAt + times.giveUpAfter - begun);
    const aborter = new AbortController();
    try {
      const both = signal === undefined ? aborter.signal : AbortSignal.any([signal, aborter.signal]);
      return await unlessAborted(withStall(attempt(both), Math.min(patience, left), shown), signal);
    } catch (thrown) {
      aborter.abort();
      if (signal?.aborted === true || !(thrown instanceof ConnectionLostError) || !thrown.retryable)
        throw thrown;
      if (!isKnown() && (thrown.isDefinite || count >= FIRST_TRIES)) throw thrown;
      if (lostAt === undefined) onLost?.(thrown);
      lostAt ??= begun;
      if (Date.now() - lostAt >= times.giveUpAfter) throw thrown;
      await pause(delayOf(count, times), signal);
    }
  }
}
