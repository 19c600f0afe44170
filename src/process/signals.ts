/** What a second signal means: the person is serious. */
export interface SignalHandlers {
  /** The first signal: end what is going on, in good order. */
  once(signal: NodeJS.Signals): void;
  /** Every further one: end the process. */
  twice(signal: NodeJS.Signals): void;
}

/**
 * Listens for signals until the returned function is called. While it listens, the signals do not end the process.
 * Default: SIGINT, SIGTERM and SIGHUP, counted together.
 */
export function onSignals(
  handlers: SignalHandlers,
  signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'],
): () => void {
  let seen = 0;
  const listener = (signal: NodeJS.Signals) => {
    seen += 1;
    if (seen === 1) handlers.once(signal);
    else handlers.twice(signal);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
