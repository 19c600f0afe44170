import type { BytesAnswer } from '../protocol/backend.ts';
import { Refusal } from './refusal.ts';

/** Bytes whole, or the one range that was asked for; a range outside is `invalid_request`, since 416 is no status of the table of errors. */
export function bytesResponse(answer: BytesAnswer, range: string | null): Response {
  const { bytes } = answer;
  const file = answer.name === undefined ? '' : `; filename*=UTF-8''${encoded(answer.name)}`;
  // What a tool or a person stored is never shown as a page of this server.
  const headers: Record<string, string> = {
    'content-type': answer.media_type,
    'accept-ranges': 'bytes',
    'content-disposition': `attachment${file}`,
    'x-content-type-options': 'nosniff',
  };
  const wanted = range === null ? null : /^bytes=(\d*)-(\d*)$/.exec(range);
  if (wanted === null || (wanted[1] === '' && wanted[2] === ''))
    return new Response(bytes.slice(), { headers });
  const suffix = wanted[1] === '';
  const start = suffix ? Math.max(0, bytes.byteLength - Number(wanted[2])) : Number(wanted[1]);
  const end =
    suffix || wanted[2] === '' ? bytes.byteLength - 1 : Math.min(Number(wanted[2]), bytes.byteLength - 1);
  if (start > end)
    throw new Refusal(`the range is outside of the ${bytes.byteLength} bytes`, {
      'content-range': `bytes */${bytes.byteLength}`,
    });
  return new Response(bytes.slice(start, end + 1), {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${bytes.byteLength}` },
  });
}

/** RFC 8187; a lone surrogate becomes U+FFFD. */
function encoded(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
