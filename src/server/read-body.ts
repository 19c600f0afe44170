import { bodyTooLarge } from '../protocol/contract/codec.ts';
import { YonderError, toYonderError } from '../protocol/errors.ts';

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
  if (request.body !== null) {
    for await (const chunk of request.body as ReadableStream<Uint8Array>) {
      size += chunk.byteLength;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** A JSON object; anything else is `invalid_request` that says what it was. */
export async function readJson(request: Request, limit: number): Promise<Record<string, unknown>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new YonderError(
      'invalid_request',
      `send JSON with content-type: application/json, not ${type === '' ? 'nothing' : type}`,
    );
  }
  const bytes = await readBytes(request, limit, bodyTooLarge);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (thrown) {
    throw new YonderError('invalid_request', `the body is not JSON: ${toYonderError(thrown).message}`, {
      cause: thrown,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new YonderError('invalid_request', 'the body must be a JSON object');
  }
  return value as Record<string, unknown>;
}
