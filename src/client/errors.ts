import { errorBodySchema, errorFromBody } from '../protocol/error-body.ts';
import { YonderError } from '../protocol/errors.ts';

/** The server's error as our class; a body that is not ours (a proxy's page) becomes `unavailable` with its status. */
export async function errorOf(response: Response): Promise<YonderError> {
  const text = await response.text();
  try {
    return errorFromBody(errorBodySchema.parse(JSON.parse(text)));
  } catch (thrown) {
    const words = text.slice(0, 200).replace(/\s+/g, ' ').trim();
    return new YonderError(
      'unavailable',
      `the server answered ${response.status}${words === '' ? '' : `: ${words}`}`,
      { cause: thrown },
    );
  }
}
