import { closeSync, constants, createReadStream, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';

/**
 * All that a path gives: a file, or what is written to a pipe (`<(command)`, a FIFO) or typed until its end. To wait for a writer
 * blocks no thread, so that an abort ends it, and so that the process can end: one whose thread waits in the system cannot. Throws
 * the operating system's error, e.g. `EISDIR`, `EFBIG` for what is longer than the limit, and `AbortError`.
 * @param limit bytes; what is longer is not read to its end
 */
export async function readWhole(
  path: string,
  { signal, limit = Number.POSITIVE_INFINITY }: ReadOptions = {},
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const kind = await stat(path);
  if (kind.isFIFO())
    return collect(new Socket({ fd: openNow(path), readable: true, writable: false }), limit, signal);
  if (kind.isCharacterDevice()) {
    const descriptor = openNow(path);
    if (isatty(descriptor)) return collect(new ReadStream(descriptor), limit, signal);
    closeSync(descriptor);
  }
  if (kind.size > limit) throw tooLong(limit);
  return collect(createReadStream(path), limit, signal);
}

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  limit?: number | undefined;
}

function tooLong(limit: number): Error {
  return Object.assign(new Error(`it is longer than ${limit} bytes`), { code: 'EFBIG' });
}

/** Without waiting for whoever would write. */
function openNow(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** The stream closes its descriptor when it is through, and when it is cut. */
async function collect(
  stream: Readable,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (signal !== undefined) addAbortSignal(signal, stream);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += (chunk as Uint8Array).byteLength;
    // Leaving the loop closes the stream.
    if (length > limit) throw tooLong(limit);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}
