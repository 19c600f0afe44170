import { closeSync, constants, openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';

/**
 * All that a path gives: a file, or what is written to a pipe (`<(command)`, a FIFO) or typed until its end. To wait for a writer
 * blocks no thread, so that an abort ends it, and so that the process can end: one whose thread waits in the system cannot. Throws
 * the operating system's error, e.g. `EISDIR`, and `AbortError`.
 */
export async function readWhole(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const kind = await stat(path);
  if (kind.isFIFO())
    return collect(new Socket({ fd: openNow(path), readable: true, writable: false }), signal);
  if (kind.isCharacterDevice()) {
    const descriptor = openNow(path);
    if (isatty(descriptor)) return collect(new ReadStream(descriptor), signal);
    closeSync(descriptor);
  }
  return readFile(path, { signal });
}

/** Without waiting for whoever would write. */
function openNow(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** The stream closes its descriptor when it is through, and when it is cut. */
async function collect(stream: Socket, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (signal !== undefined) addAbortSignal(signal, stream);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
