/** Where the connection of number `connection` (from 0) breaks, given what it has sent; undefined: not yet. */
export type Cut = (sent: string, connection: number) => number | undefined;

export interface CuttingFetch {
  wrap: (inner: typeof fetch) => typeof fetch;
  /** How many connections were broken. */
  cuts: number;
  /** How many events each connection brought. */
  events: number[];
}

/** A `fetch` whose event streams break where the test says, in the middle of whatever is under way. */
export function cuttingFetch(cut: Cut): CuttingFetch {
  const state: CuttingFetch = {
    cuts: 0,
    events: [],
    wrap: (inner) => (input, init) => open(inner, input, init),
  };
  async function open(
    inner: typeof fetch,
    input: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response> {
    const response = await inner(input, init);
    if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return response;
    const connection = state.events.push(0) - 1;
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let sent = '';
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const chunk = await reader?.read();
        if (chunk?.value === undefined) {
          controller.close();
          return;
        }
        const before = sent.length;
        sent += decoder.decode(chunk.value, { stream: true });
        const at = cut(sent, connection);
        state.events[connection] = sent.slice(0, at).split('\n\n').length - 1;
        if (at === undefined) {
          controller.enqueue(chunk.value);
          return;
        }
        state.cuts += 1;
        controller.enqueue(new TextEncoder().encode(sent.slice(before, Math.max(before, at))));
        await reader?.cancel();
        controller.error(new TypeError('the connection was cut'));
      },
      cancel: () => reader?.cancel(),
    });
    return new Response(body, { status: response.status, headers: response.headers });
  }
  return state;
}

/** Where the event of this number, from 1, ends in an SSE text; 0: before the first. Undefined while it has not come. */
export function endOfEvent(sent: string, number: number): number | undefined {
  let at = 0;
  for (let count = 0; count < number; count += 1) {
    const end = sent.indexOf('\n\n', at);
    if (end === -1) return undefined;
    at = end + 2;
  }
  return at;
}
