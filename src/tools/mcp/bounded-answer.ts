import { YonderError } from '../../protocol/errors.ts';
import { LARGEST_MESSAGE } from './stdio-transport.ts';

const LINE_END = 0x0a;

/** The answer, whose body breaks with words once a message in it is longer than `most` bytes; a stream may bring any number of them. Whoever sends without an end costs no more memory. */
export function boundedAnswer(response: Response, host: string, most = LARGEST_MESSAGE): Response {
  if (response.body === null) return response;
  const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true;
  let held = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      // In a stream a message stands on a line of its own.
      const end = isStream ? chunk.lastIndexOf(LINE_END) : -1;
      held = end === -1 ? held + chunk.byteLength : chunk.byteLength - end - 1;
      if (held <= most) controller.enqueue(chunk);
      else
        controller.error(
          new YonderError('payload_too_large', `${host} sends a message of more than ${most} bytes`),
        );
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counted), { status, statusText, headers });
}
