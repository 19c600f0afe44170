import { decodeAnswer } from '../protocol/contract/codec.ts';
import type { OperationName, ResponseOf } from '../protocol/contract/contract.ts';
import { errorBodySchema, errorFromBody } from '../protocol/error-body.ts';
import type { YonderError } from '../protocol/errors.ts';
import { ConnectionLostError } from './lost.ts';

/** The answer of an operation, checked and frozen. What is no JSON did not come from a server of ours: `unavailable`. */
export async function answerOf<Name extends OperationName>(
  name: Name,
  response: Response,
  shown: string,
): Promise<ResponseOf<Name>> {
  const text = new TextDecoder().decode(await bytesOf(response, shown));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notOurs(response, shown, text, cause);
  }
  return decodeAnswer(name, value) as ResponseOf<Name>;
}

/** The whole body; a connection that breaks in it is `unavailable`. */
export async function bytesOf(response: Response, shown: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new ConnectionLostError(`the answer of ${shown} broke off`, { cause });
  }
}

/** A stream of events, or an error: what else answers with 200 is a page of something in between. */
export async function eventStreamOf(response: Response, shown: string): Promise<Response> {
  if (/^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')) return response;
  throw notOurs(response, shown, new TextDecoder().decode(await bytesOf(response, shown)), undefined);
}

/**
 * The server's error as our class. A body that is not ours (a proxy's page, another program's) becomes `unavailable` with its status; trying again
 * can help only where the status says so.
 */
export async function errorOf(response: Response, shown: string): Promise<YonderError> {
  const text = new TextDecoder().decode(await bytesOf(response, shown));
  try {
    return errorFromBody(errorBodySchema.parse(JSON.parse(text)));
  } catch (cause) {
    const words = wordsOf(text);
    return new ConnectionLostError(
      `${shown} answered ${response.status}${words === '' ? '' : `: ${words}`}`,
      {
        cause,
        retryable: response.status >= 500 || [408, 425, 429].includes(response.status),
      },
    );
  }
}

function notOurs(response: Response, shown: string, text: string, cause: unknown): ConnectionLostError {
  const isPage = /html/i.test(response.headers.get('content-type') ?? '') || /^\s*</.test(text);
  return new ConnectionLostError(
    `${shown} answered ${isPage ? 'a web page' : 'something'} that is not what a Yonder server says; is there a proxy or another program in between? (${wordsOf(text)})`,
    { cause, retryable: false },
  );
}

/** The beginning of a text on one line; of a page its words alone. */
function wordsOf(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
}
