import type { Redaction } from '../../protocol/secrets.ts';
import { bodyOf, type CassettePort, type Interaction, type RecordedRequest } from './interaction.ts';
import { withPlaceholders } from './normalize.ts';
import { redactedEvents } from './redact-events.ts';
import { redactedHeaders, redactedRequestBody, redactedUrl, withoutValues } from './redact.ts';

type RecordPort = Extract<CassettePort, { mode: 'record' }>;

export interface RecordOptions {
  port: RecordPort;
  /** Keys in use; no recorded text holds one. */
  secrets: () => readonly string[];
  /** What else may not be recorded, in pieces neither. */
  redaction?: Redaction | undefined;
  /** Milliseconds. */
  clock: () => number;
}

function clean(body: string | Uint8Array, secrets: readonly string[]): string | Uint8Array {
  if (typeof body === 'string') return withoutValues(body, secrets);
  // Bytes that are no UTF-8 go through latin1, where each byte is one character, so that a key is found in them too.
  const text = Buffer.from(body).toString('latin1');
  const cleaned = withoutValues(text, secrets);
  return cleaned === text ? body : new Uint8Array(Buffer.from(cleaned, 'latin1'));
}

/** An answer's body. What its events say together is looked at as well: a model writes in pieces. */
function cleanAnswer(body: string | Uint8Array, { secrets, redaction }: RecordOptions): string | Uint8Array {
  const cleaned = clean(body, secrets());
  return typeof cleaned === 'string' && redaction !== undefined
    ? redactedEvents(cleaned, redaction)
    : cleaned;
}

function recordedRequest(request: Request, body: string, options: RecordOptions): RecordedRequest {
  const secrets = options.secrets();
  const url = new URL(withoutValues(redactedUrl(request.url).href, secrets));
  const cleaned = withoutValues(redactedRequestBody(body), secrets);
  return {
    proto: 'HTTP/1.1',
    proto_major: 1,
    proto_minor: 1,
    content_length: new TextEncoder().encode(body).length,
    transfer_encoding: [],
    trailer: {},
    host: url.host,
    remote_addr: '',
    request_uri: '',
    body: withPlaceholders(cleaned, options.port.placeholders ?? []),
    form: {},
    headers: redactedHeaders(request.headers),
    url: url.href,
    method: request.method,
  };
}

/**
 * Wraps `fetch` so that each answer is told to the sink when it ended: byte for byte what came, also when it was cut. Requests are
 * numbered in the order in which they were made.
 */
export function recordingFetch(inner: typeof fetch, options: RecordOptions): typeof fetch {
  let nextId = options.port.first_id ?? 0;
  return async (input, init) => {
    const id = nextId++;
    const began = options.clock();
    const body = typeof init?.body === 'string' ? init.body : '';
    const request = recordedRequest(new Request(input, init), body, options);
    const response = await inner(input, init);
    const pieces: Uint8Array[] = [];
    let told = false;
    const tell = (): void => {
      if (told) return;
      told = true;
      const received = new Uint8Array(Buffer.concat(pieces));
      const headers = redactedHeaders(response.headers);
      const interaction: Interaction = {
        id,
        request,
        response: {
          proto: 'HTTP/1.1',
          proto_major: 1,
          proto_minor: 1,
          transfer_encoding: [],
          trailer: {},
          content_length: -1,
          uncompressed: response.headers.has('content-encoding'),
          body: cleanAnswer(bodyOf(received), options),
          headers: JSON.parse(withoutValues(JSON.stringify(headers), options.secrets())) as typeof headers,
          status: `${response.status} ${response.statusText}`.trim(),
          code: response.status,
          duration: `${Math.max(0, options.clock() - began)}ms`,
        },
      };
      options.port.sink(interaction);
    };
    if (response.body === null) {
      tell();
      return response;
    }
    return new Response(tapped(response.body, pieces, tell), {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  };
}

function tapped(
  body: ReadableStream<Uint8Array>,
  pieces: Uint8Array[],
  tell: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            pieces.push(value.slice());
            controller.enqueue(value);
            return;
          }
          tell();
          controller.close();
        } catch (error) {
          tell();
          throw error;
        }
      },
      async cancel(reason) {
        tell();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
