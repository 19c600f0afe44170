import { checkBounds } from '../protocol/contract/bounds.ts';
import { bodyTooLarge } from '../protocol/contract/codec.ts';
import { YonderError, toYonderError } from '../protocol/errors.ts';
import { shortened } from '../protocol/shortened.ts';
import { writtenFields } from './json-fields.ts';

/** The whole body; `payload_too_large` before more than `limit` bytes were read. */
export async function readBytes(
  request: Request,
  limit: number,
  tooLarge: (limit: number) => YonderError,
): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof YonderError) throw thrown;
    throw new YonderError('invalid_request', `the body broke off after ${size} bytes`, { cause: thrown });
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** A JSON object in UTF-8; anything else is `invalid_request` that says what it was. */
export async function readJson(request: Request, limit: number): Promise<Record<string, unknown>> {
  checkType(request.headers);
  const bytes = await readBytes(request, limit, bodyTooLarge);
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (thrown) {
    throw new YonderError('invalid_request', `the body is not JSON: ${toYonderError(thrown).message}`, {
      cause: thrown,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new YonderError('invalid_request', 'the body must be a JSON object');
  }
  const fields = checkBounds(new URL(request.url).pathname, value);
  if (writtenFields(text) > fields) {
    throw new YonderError('invalid_request', 'a field of the body stands twice in one object');
  }
  return value as Record<string, unknown>;
}

/** `application/json`, with no charset but UTF-8 and no encoding. */
function checkType(headers: Headers): void {
  const given = headers.get('content-type') ?? '';
  const [type = '', ...parameters] = given.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json') {
    throw new YonderError(
      'invalid_request',
      `send JSON with content-type: application/json, not ${given === '' ? 'nothing' : shortened(given)}`,
    );
  }
  const charset = parameters.find((parameter) => /^charset\s*=/.test(parameter));
  if (charset !== undefined && !/^charset\s*=\s*("utf-8"|utf-8)$/.test(charset)) {
    throw new YonderError('invalid_request', `JSON is UTF-8, not ${shortened(charset)}`);
  }
  checkPlainBody(headers);
}

/** Nothing is unpacked here: a small body could become a large one. */
export function checkPlainBody(headers: Headers): void {
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new YonderError(
      'invalid_request',
      `send the body as it is, not in content-encoding: ${shortened(encoding)}`,
    );
  }
}
