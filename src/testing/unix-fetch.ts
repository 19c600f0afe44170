import { Agent, fetch as undiciFetch } from 'undici';

/** A `fetch` whose connections go to a unix socket, whatever the URL says. `close` ends them. */
export function unixFetch(path: string): { fetch: typeof fetch; close(): Promise<void> } {
  const dispatcher = new Agent({ connect: { socketPath: path } });
  // undici's own fetch and the global one differ in their types alone.
  const send = undiciFetch as unknown as (input: string, init: object) => Promise<Response>;
  return {
    fetch: (input, init) =>
      send(input instanceof Request ? input.url : String(input), { ...init, dispatcher }),
    close: () => dispatcher.destroy(),
  };
}
