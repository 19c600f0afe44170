import { YonderError } from '../../../protocol/errors.ts';
import { scrubJson } from '../../redact/key-shapes.ts';
import type { BuiltinHook } from './types.ts';

/** Bytes of an answer that are read. */
const ANSWER_LIMIT = 64 * 1024;

/** Sends what a command hook would read to the URL in its argument, through the Host's one way out; what comes back is not looked at. */
export const httpPost: BuiltinHook = async ({ args, input, http, clean, timeout_ms, signal }) => {
  const [url, ...others] = args;
  if (url === undefined || others.length > 0)
    throw new YonderError('invalid_request', 'http_post takes one argument, the URL');
  const answer = await http({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(scrubJson(input, clean)),
    maxBytes: ANSWER_LIMIT,
    overLimit: 'cut',
    timeoutMs: timeout_ms,
    signal,
  });
  if (answer.status >= 400)
    throw new YonderError('tool_failed', `${answer.url} answered with status ${answer.status}`);
  return {};
};
