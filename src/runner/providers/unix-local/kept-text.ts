import { fstatSync, readSync } from 'node:fs';

export interface KeptText {
  readonly text: string;
  /** Bytes in the file. */
  readonly bytes: number;
  readonly truncated: boolean;
}

/**
 * The text of a file, cut in its middle to `limit` bytes: half from the head, half from the tail, whole characters, and
 * between them a line that says how much is missing.
 */
export function keptText(descriptor: number, limit: number): KeptText {
  const { size } = fstatSync(descriptor);
  if (size === 0) return { text: '', bytes: 0, truncated: false };
  if (size <= limit) return { text: decode(readPart(descriptor, 0, size)), bytes: size, truncated: false };
  const half = Math.floor(limit / 2);
  const head = withoutBrokenEnd(readPart(descriptor, 0, half));
  const tail = withoutBrokenStart(readPart(descriptor, size - (limit - half), limit - half));
  const missing = size - head.length - tail.length;
  return {
    text: `${decode(head)}\n[... ${missing} bytes left out ...]\n${decode(tail)}`,
    bytes: size,
    truncated: true,
  };
}

export function readPart(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, bytes, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const decode = (bytes: Uint8Array) => decoder.decode(bytes);

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

/** A character has at most three continuation bytes; more of them are no UTF-8 and stay. */
function withoutBrokenStart(bytes: Buffer): Buffer {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start += 1;
  return bytes.subarray(start);
}

function withoutBrokenEnd(bytes: Buffer): Buffer {
  let lead = bytes.length - 1;
  while (lead > bytes.length - 4 && isContinuation(bytes[lead])) lead -= 1;
  const first = bytes[lead] ?? 0;
  const wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return bytes.length - lead < wanted ? bytes.subarray(0, lead) : bytes;
}
