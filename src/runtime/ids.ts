import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghjkmnpqrstvwxyz0123456789';

function randomText(length: number): string {
  const bytes = randomBytes(length);
  let text = '';
  for (const byte of bytes) text += ALPHABET[byte % ALPHABET.length];
  return text;
}

/** Ids are random, so that a short prefix is enough to name a session; the first character is never a digit. */
export function newSessionId(): string {
  const [first = 0] = randomBytes(1);
  return `${ALPHABET.charAt(first % 22)}${randomText(15)}`;
}

export type IdKind =
  | 'run'
  | 'msg'
  | 'req'
  | 'inp'
  | 'cmd'
  | 'upl'
  | 'blob'
  | 'sub'
  | 'call'
  | 'hook'
  | 'login';

export function newId(kind: IdKind): string {
  return `${kind}_${randomText(16)}`;
}
