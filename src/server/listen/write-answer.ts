import type { ServerResponse } from 'node:http';

/** How much of a body goes to the socket at once. */
const SLICE = 256 * 1024;

/** Before the next try, in milliseconds: what a stream says that ends because its reader takes nothing. */
const RETRY = 'retry: 1000\n\n';

/**
 * Writes an answer to its socket, no faster than the other side takes it: what is held for a reader is at most two chunks beside the system's own
 * buffer. One that takes nothing for `stalled_ms` is let go. Resolves when all is written or nobody is there any more.
 */
export async function writeAnswer(
  response: Response,
  outgoing: ServerResponse,
  options: { stalled_ms: number },
): Promise<void> {
  if (outgoing.headersSent || outgoing.destroyed) {
    await response.body?.cancel();
    return;
  }
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.setHeader(name, value);
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    outgoing.flushHeaders();
    await writeStream(response, outgoing, options.stalled_ms);
    return;
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.byteLength > 0 || ![204, 304].includes(response.status))
    outgoing.setHeader('content-length', bytes.byteLength);
  for (let start = 0; start + SLICE < bytes.byteLength; start += SLICE) {
    const isTaken = outgoing.write(bytes.subarray(start, start + SLICE));
    if (isTaken || (await drained(outgoing, options.stalled_ms))) continue;
    outgoing.destroy();
    return;
  }
  const left = bytes.byteLength === 0 ? 0 : Math.floor((bytes.byteLength - 1) / SLICE) * SLICE;
  outgoing.end(bytes.subarray(left));
  if (!(await finished(outgoing, options.stalled_ms))) outgoing.destroy();
}

async function writeStream({ body }: Response, outgoing: ServerResponse, stalled_ms: number): Promise<void> {
  const reader = body?.getReader();
  if (reader === undefined) return void outgoing.end();
  const leave = (): void => void reader.cancel().catch(() => outgoing.destroy());
  outgoing.once('close', leave);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || outgoing.destroyed) break;
      if (outgoing.write(value) || (await drained(outgoing, stalled_ms))) continue;
      leave();
      if (!outgoing.destroyed) outgoing.write(RETRY);
      break;
    }
    outgoing.end();
    if (!(await finished(outgoing, stalled_ms))) outgoing.destroy();
  } finally {
    outgoing.off('close', leave);
  }
}

/** Whether the socket took what it holds within the time; false too when it is gone. */
function drained(outgoing: ServerResponse, milliseconds: number): Promise<boolean> {
  return within(outgoing, 'drain', milliseconds);
}

async function finished(outgoing: ServerResponse, milliseconds: number): Promise<boolean> {
  return outgoing.writableFinished || within(outgoing, 'finish', milliseconds);
}

async function within(
  outgoing: ServerResponse,
  event: 'drain' | 'finish',
  milliseconds: number,
): Promise<boolean> {
  if (outgoing.destroyed) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const yes = (): void => resolve(true);
  const no = (): void => resolve(false);
  const timer = setTimeout(no, milliseconds);
  outgoing.once(event, yes);
  outgoing.once('close', no);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    outgoing.off(event, yes);
    outgoing.off('close', no);
  }
}
