import { bindBackend, type Backend } from '../../../src/protocol/backend.ts';
import { parseEvent, type WireEvent } from '../../../src/protocol/events/events.ts';
import type { HttpTransportOptions } from '../../../src/client/connection.ts';
import { createHttpTransport } from '../../../src/client/http-transport.ts';

export const CAPABILITIES = { protocol: '1.0', server: 'test', features: [], scopes: [], limits: {} };

type Answer = (request: Request) => Response | Promise<Response>;

/** A Backend over a `fetch` whose answers to all but `capabilities` are given, the last one again and again. */
export function backendOver(
  answers: readonly Answer[],
  options: Partial<HttpTransportOptions> & { capabilities?: Answer } = {},
): { backend: Backend; requests: Request[] } {
  const requests: Request[] = [];
  let next = 0;
  const { capabilities = () => Response.json(CAPABILITIES), ...rest } = options;
  const transport = createHttpTransport({
    baseUrl: 'http://yonder.test',
    fetch: async (input, init) => {
      const request = new Request(input, init);
      if (request.url.endsWith('/v1/capabilities')) return capabilities(request);
      requests.push(request);
      const answer = answers[Math.min(next, answers.length - 1)];
      next += 1;
      if (answer === undefined) throw new TypeError('no route to host');
      return answer(request);
    },
    times: { firstDelay: 1, longestDelay: 4, stall: 5_000, giveUpAfter: 5_000 },
    ...rest,
  });
  return { backend: bindBackend(transport), requests };
}

export function line(seq: number, type = 'warning', fields: Record<string, unknown> = {}): string {
  return `id: ${seq}\ndata: ${JSON.stringify({ type, seq, run_id: 'r', ...fields })}\n\n`;
}

export function preview(content: string, offset: number): string {
  return `data: ${JSON.stringify({ type: 'agent_choice', run_id: 'r', message_id: 'm', attempt: 1, offset, content })}\n\n`;
}

/** An event stream of these texts; then it ends, is cut (an error), or stays open and silent. */
export function sse(
  texts: readonly string[],
  end: 'end' | 'cut' | 'hold' = 'end',
  headers: Record<string, string> = {},
): Response {
  const chunks = texts.map((text) => new TextEncoder().encode(text));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk !== undefined) return controller.enqueue(chunk);
      if (end === 'end') controller.close();
      else if (end === 'cut') controller.error(new TypeError('socket hang up'));
      return undefined;
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream', ...headers } });
}

/** `7` for a durable event, `text:` and its text for a preview, else its type. */
export function short(event: WireEvent): string {
  if (event.seq !== undefined) return String(event.seq);
  return event.type === 'agent_choice' ? `text:${String(parseEvent(event.json)['content'])}` : event.type;
}

export async function seen(stream: AsyncIterable<WireEvent>): Promise<string[]> {
  const events: string[] = [];
  for await (const event of stream) events.push(short(event));
  return events;
}
