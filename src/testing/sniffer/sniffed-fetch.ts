import { checkExchange, isStream, type SentRequest } from './exchange.ts';
import { SseJudge } from './sse-judge.ts';

/**
 * A `fetch` that lets everything through as it is and tells `report` what the contract does not allow, in words. Streams are judged while they are
 * read; with `cuts` a stream may end anywhere, as behind a proxy that breaks connections.
 */
export function sniffedFetch(
  inner: typeof fetch,
  report: (fault: string) => void,
  options: { cuts?: boolean } = {},
): typeof fetch {
  return async (input, init) => {
    const sent = sentOf(input, init);
    const response = await inner(input, init);
    const { status, headers } = response;
    const whole = isStream(response) || !isText(headers) ? '' : await textOf(response.clone());
    if (whole === undefined) return response;
    for (const fault of checkExchange(sent, { status, headers, text: whole })) report(fault);
    return isStream(response) ? tapped(response, sent, report, options.cuts === true) : response;
  };
}

function sentOf(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): SentRequest {
  const given = input instanceof Request ? input : undefined;
  return {
    method: init?.method ?? given?.method ?? 'GET',
    url: input instanceof Request ? input.url : input.toString(),
    headers: new Headers(init?.headers ?? given?.headers),
    body: typeof init?.body === 'string' ? init.body : undefined,
  };
}

/** Undefined where the connection broke within the body: its reader is told, and there is nothing to judge. */
async function textOf(response: Response): Promise<string | undefined> {
  return response.text().catch(() => undefined);
}

function isText(headers: Headers): boolean {
  return /^(?:application\/json|text\/)/.test(headers.get('content-type') ?? '');
}

/** The same answer, its body passing the judge; `url` and the rest stay by the prototype of the answer. */
function tapped(
  response: Response,
  sent: SentRequest,
  report: (fault: string) => void,
  cuts: boolean,
): Response {
  const judge = new SseJudge();
  const tell = (): void => {
    for (const fault of judge.faults.splice(0))
      report(`${sent.method} ${new URL(sent.url).pathname}: ${fault}`);
  };
  const body = response.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        judge.take(chunk);
        tell();
        controller.enqueue(chunk);
      },
      flush() {
        if (!cuts) judge.end();
        tell();
      },
    }),
  );
  const copy = new Response(body ?? null, { status: response.status, headers: response.headers });
  Object.defineProperty(copy, 'url', { value: response.url });
  return copy;
}
