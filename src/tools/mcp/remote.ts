import {
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { boundedAnswer } from './bounded-answer.ts';
import type { Fetch } from './oauth/discovery.ts';

/** How a remote server is spoken to. */
export interface RemoteWay {
  url: URL;
  transport: 'streamable' | 'sse';
  headers: Readonly<Record<string, string>>;
  /** Judges where it goes, and carries the person's token. */
  fetch: Fetch;
}

/** So long a server has to take note of the end, in milliseconds. */
const FAREWELL_MS = 2000;

/**
 * The package's transports over our own way out. Redirects were judged by then, and are followed within the server's origin alone. `closed`: what
 * goes with it.
 */
export function remoteTransport(way: RemoteWay, closed: () => Promise<void>): Transport {
  const { url, headers } = way;
  const fetch: Fetch = async (to, init) => boundedAnswer(await way.fetch(to, init), url.host);
  const options = { fetch, requestInit: { headers: { ...headers } } };
  const transport =
    way.transport === 'sse'
      ? new SSEClientTransport(url, options)
      : new StreamableHTTPClientTransport(url, options);
  const close = transport.close.bind(transport);
  let closing: Promise<void> | undefined;
  transport.close = () => (closing ??= end());
  return transport;

  async function end(): Promise<void> {
    try {
      if (transport instanceof StreamableHTTPClientTransport && transport.sessionId !== undefined)
        await Promise.race([farewell(transport), late()]);
      await close();
    } finally {
      await closed();
    }
  }
}

/** The server may forget the session; one that cannot be told finds out by itself. */
async function farewell(transport: StreamableHTTPClientTransport): Promise<void> {
  await transport.terminateSession().then(undefined, () => undefined);
}

function late(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, FAREWELL_MS);
  // Nobody stays for that.
  if (typeof timer === 'object' && 'unref' in timer) timer.unref();
  return promise;
}
