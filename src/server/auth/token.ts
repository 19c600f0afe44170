import { createHash, timingSafeEqual } from 'node:crypto';

/** The token of `Authorization: Bearer ...`; undefined where there is none. */
export function bearerToken(request: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

/** Whether two tokens are the same, in a time that does not depend on where they differ. */
export function sameToken(left: string, right: string): boolean {
  return timingSafeEqual(hash(left), hash(right));
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
