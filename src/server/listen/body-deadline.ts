import type { IncomingMessage } from 'node:http';

/**
 * Calls `late` when a body comes slower than it may: it has `body_ms`, and a second more for each `body_bytes_per_second` that came. Over with the body,
 * or with the returned function.
 */
export function bodyDeadline(
  incoming: IncomingMessage,
  limits: { body_ms: number; body_bytes_per_second: number },
  late: () => void,
): () => void {
  const begun = performance.now();
  const { socket } = incoming;
  const before = socket.bytesRead;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    if (incoming.complete || incoming.destroyed) return;
    const earned = ((socket.bytesRead - before) / limits.body_bytes_per_second) * 1_000;
    const left = limits.body_ms + earned - (performance.now() - begun);
    if (left <= 0) late();
    else timer = setTimeout(wait, left);
  };
  timer = setTimeout(wait, limits.body_ms);
  const stop = (): void => clearTimeout(timer);
  incoming.once('end', stop);
  incoming.once('close', stop);
  return stop;
}
