import { decodeAnswer } from '../protocol/contract/codec.ts';
import type { OperationName, ResponseOf } from '../protocol/contract/contract.ts';
import { errorBodySchema, errorFromBody } from '../protocol/error-body.ts';
import { YonderError } from '../protocol/errors.ts';
import { ConnectionLostError } from './lost.ts';

/** The answer of an operation, checked and frozen. What is no JSON did not come from a server of ours: `unavailable`. */
export async function answerOf<Name extends OperationName>(
  name: Name,
  response: Response,
): Promise<ResponseOf<Name>> {
  const text = new TextDecoder().decode(await bytesOf(response));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new YonderError('unavailable', `${place(response)} answered something that is not JSON`, {
      cause: thrown,
      retryable: false,
    });
  }
  return decodeAnswer(name, value) as ResponseOf<Name>;
}

/** The whole body; a connection that breaks in it is `unavailable`. */
export async function bytesOf(response: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (thrown) {
    throw new ConnectionLostError(`the answer of ${place(response)} broke off`, { cause: thrown });
  }
}

/**
 * The server's error as our class. A body that is not ours (a proxy's page, another program's) becomes `unavailable` with its status; trying again
 * can help only where the status says so.
 */
export async function errorOf(response: Response): Promise<YonderError> {
  const text = new TextDecoder().decode(await bytesOf(response));
  try {
    return errorFromBody(errorBodySchema.parse(JSON.parse(text)));
  } catch (thrown) {
    const words = text.slice(0, 200).replace(/\s+/g, ' ').trim();
    return new YonderError(
      'unavailable',
      `${place(response)} answered ${response.status}${words === '' ? '' : `: ${words}`}`,
      { cause: thrown, retryable: response.status >= 500 || [408, 425, 429].includes(response.status) },
    );
  }
}

function place(response: Response): string {
  return response.url === '' ? 'the server' : new URL(response.url).origin;
}
