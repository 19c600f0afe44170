import { OAuthError } from '@modelcontextprotocol/client';

const LONGEST = 200;

/** What a stranger said, fit for a line: no control characters, not too long. */
export function said(thrown: unknown): string {
  const text =
    thrown instanceof OAuthError
      ? `${thrown.code}${thrown.message === '' ? '' : `: ${thrown.message}`}`
      : thrown instanceof Error
        ? thrown.message
        : String(thrown);
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
