import { ConnectionLostError } from './lost.ts';
import { delayOf, pause, withStall, type StreamTimes } from './times.ts';

export interface Persistence {
  times: StreamTimes;
  signal: AbortSignal | undefined;
  /** Whether a server ever answered here. Who was never reached is not waited for. */
  isKnown: () => boolean;
  /** How long an answer may take before the connection counts as lost; default: the stall of a stream. */
  patience?: number;
}

/**
 * Asks again where the connection was lost, as long as a stream would come back. The caller sends the same key each time, so that what was
 * already done is not done again (R18). What a server answered, an error too, is the answer.
 */
export async function persistently<Value>(
  attempt: (signal: AbortSignal) => Promise<Value>,
  { times, signal, isKnown, patience = times.stall }: Persistence,
): Promise<Value> {
  let lostAt: number | undefined;
  for (let count = 1; ; count += 1) {
    const aborter = new AbortController();
    try {
      const both = signal === undefined ? aborter.signal : AbortSignal.any([signal, aborter.signal]);
      return await withStall(attempt(both), patience);
    } catch (thrown) {
      aborter.abort();
      if (signal?.aborted === true || !(thrown instanceof ConnectionLostError) || !isKnown()) throw thrown;
      lostAt ??= Date.now();
      if (Date.now() - lostAt > times.giveUpAfter) throw thrown;
      await pause(delayOf(count, times), signal);
      signal?.throwIfAborted();
    }
  }
}
