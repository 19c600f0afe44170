import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';

export interface Body {
  bytes: Uint8Array;
  cut: boolean;
}

/** A body names more compressions than this only to do harm. */
const MOST_ENCODINGS = 2;

/** An encoding that is not known, or too many of them. */
export class UnknownEncoding extends Error {}

/**
 * Reads a body up to a number of bytes after decompression, and no further: whoever sends more, compressed or without an end, costs no more memory
 * than that and one chunk. Throws `UnknownEncoding`, and what a broken stream throws.
 */
export async function readBody(
  stream: Readable,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const plain = decoded(stream, encoding);
  try {
    for await (const chunk of plain as AsyncIterable<Uint8Array>) {
      const left = maxBytes - size;
      if (chunk.length > left)
        return { bytes: Buffer.concat([...chunks, chunk.subarray(0, left)]), cut: true };
      chunks.push(chunk);
      size += chunk.length;
    }
    return { bytes: Buffer.concat(chunks), cut: false };
  } finally {
    plain.destroy();
    stream.destroy();
  }
}

function decoded(stream: Readable, encoding: string | undefined): Readable {
  const names = (encoding ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > MOST_ENCODINGS) throw new UnknownEncoding(names.join(', '));
  const steps = names.toReversed().map((name) => decoder(name));
  // An error of any step is thrown by reading the last one.
  const done = (): void => {};
  return steps.reduce<Readable>((from, step) => pipeline(from, step, done), stream);
}

function decoder(name: string): Transform {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    default:
      throw new UnknownEncoding(name);
  }
}
