/** Largest image that is given to a model; more is refused by the providers. */
export const IMAGE_LIMIT = 4.5 * 1024 * 1024;

const SNIFFED = 8 * 1024;

const SIGNATURES: readonly { media_type: string; at: number; bytes: readonly number[] }[] = [
  { media_type: 'image/png', at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { media_type: 'image/jpeg', at: 0, bytes: [0xff, 0xd8, 0xff] },
  { media_type: 'image/gif', at: 0, bytes: [0x47, 0x49, 0x46, 0x38] },
  { media_type: 'image/webp', at: 8, bytes: [0x57, 0x45, 0x42, 0x50] },
];

/** The media type of an image that models can see, by its first bytes; a name proves nothing. */
export function imageType(start: Uint8Array): string | undefined {
  return SIGNATURES.find(({ at, bytes }) => bytes.every((byte, index) => start[at + index] === byte))
    ?.media_type;
}

/** Whether a file is no text: a NUL among its first bytes, as git decides it. */
export function isBinary(start: Uint8Array): boolean {
  return start.subarray(0, SNIFFED).includes(0);
}

/** The text of bytes, or undefined when they are no UTF-8, so that writing it back would damage them. */
export function exactText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The text of bytes for reading, with U+FFFD for what is no UTF-8. */
export function readableText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
