import { ConnectionLostError } from './lost.ts';

/** Milliseconds. */
export interface StreamTimes {
  /** Without a byte for so long the connection counts as lost: three missed heartbeats. */
  stall: number;
  /** First and longest wait before another try. */
  firstDelay: number;
  longestDelay: number;
  /** Away for longer than this: `unavailable`. */
  giveUpAfter: number;
}

export const STREAM_TIMES: StreamTimes = {
  stall: 45_000,
  firstDelay: 100,
  longestDelay: 1_600,
  giveUpAfter: 60_000,
};

/** How long to wait before try number `attempt`, from 1: twice as long each time, up to a tenth more or less. */
export function delayOf(attempt: number, times: StreamTimes): number {
  const delay = Math.min(times.longestDelay, times.firstDelay * 2 ** (attempt - 1));
  return delay * (0.9 + Math.random() * 0.2);
}

/** Waits; an abort ends the wait. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const stop = (): void => resolve();
  signal?.addEventListener('abort', stop, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener('abort', stop);
}

/** The promise's value; the connection counts as lost where it takes longer than this. */
export async function withStall<Value>(
  promise: Promise<Value>,
  stall: number,
  who = 'the server',
): Promise<Value> {
  const { promise: stalled, reject } = Promise.withResolvers<never>();
  const words = `${who} said nothing for ${stall < 1_000 ? `${stall} ms` : `${Math.round(stall / 1_000)} s`}`;
  const timer = setTimeout(() => reject(new ConnectionLostError(words)), stall);
  try {
    return await Promise.race([promise, stalled]);
  } finally {
    clearTimeout(timer);
  }
}
