import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The token of `Authorization: Bearer ...`; undefined where there is none. */
export function bearerToken(request: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

/** Whether two tokens are the same, in a time that does not depend on where they differ. */
export function sameToken(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

/** A token that nobody can guess: 192 random bits. */
export function makeToken(): string {
  return `yt_${randomBytes(24).toString('base64url')}`;
}

/** What a tokens file keeps in place of a token. A random token needs no salt: there is no list of likely ones to try. */
export function tokenHash(token: string): string {
  return `sha256:${digest(token).toString('hex')}`;
}

/** Whether this is the token of a hash as `tokenHash` writes it. */
export function isTokenOf(token: string, hash: string): boolean {
  const wanted = Buffer.from(hash.slice('sha256:'.length), 'hex');
  const given = digest(token);
  return wanted.byteLength === given.byteLength && timingSafeEqual(wanted, given);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
