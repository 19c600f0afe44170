import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpTransportOptions } from '../../client/connection.ts';
import { createHttpTransport } from '../../client/http-transport.ts';
import type { Transport } from '../../protocol/backend.ts';
import { routeOf } from '../../protocol/contract/contract.ts';
import type { RequestContext } from '../../protocol/context.ts';
import type { WireEvent } from '../../protocol/events/events.ts';
import { listen } from '../../server/listen/listen.ts';
import { startCuttingProxy, type Fate } from '../cutting-proxy.ts';
import { sniffedFetch } from '../sniffer/sniffed-fetch.ts';
import { unixFetch } from '../unix-fetch.ts';
import { randomOf, type ArmName } from './arms.ts';
import { handlerFetch, handlerOver, type OverHandlerOptions } from './over-handler.ts';

/** How an arm reaches the Host of its world. */
export interface WayIn {
  /** A client; one without a token is the local user. */
  client(token?: string): Transport;
  /** What went over the wire against the contract, in words. */
  faults: string[];
  /** How many connections were broken. */
  broken(): number;
  /** How many bytes each connection of the arm `cut` brought to the client. */
  carried(): readonly number[];
  close(): Promise<void>;
}

export interface WayInOptions {
  arm: Exclude<ArmName, 'local'>;
  callers: ReadonlyMap<string, RequestContext>;
  heartbeat_ms?: number | undefined;
  /** Where the connections of the arm `cut` break. */
  seed?: number | undefined;
  /** What becomes of each connection of that arm, in the place of the cuts that the seed gives. */
  fate?: ((connection: number) => Fate) | undefined;
  /** Wraps the `fetch` that messages pass on their way, e.g. to cut its answers. */
  wrap?: ((inner: typeof fetch) => typeof fetch) | undefined;
  /** Milliseconds of the client; default: those of a client that comes back at once where connections are cut, else its own. */
  times?: HttpTransportOptions['times'];
}

/** Milliseconds: clients that come back at once, and stay away long enough for a busy machine. */
const TIMES = { firstDelay: 1, longestDelay: 10, giveUpAfter: 20_000 };

/** Opens an arm's way to a Host: every client of it is sniffed, whatever lies between. */
export async function openWayIn(host: Transport, options: WayInOptions): Promise<WayIn> {
  const faults: string[] = [];
  const { send, baseUrl, broken = () => 0, carried = () => [], close } = await carrier(host, options);
  const { wrap, times } = options;
  const silent = options.arm === 'cut';
  const cuts = silent || wrap !== undefined;
  const fetching = sniffedFetch(wrap?.(send) ?? send, (fault) => faults.push(fault), { cuts });
  const clientOf = (more: Partial<HttpTransportOptions>): Transport =>
    createHttpTransport({ baseUrl, fetch: fetching, ...more });
  return {
    faults,
    broken,
    carried,
    close,
    client(token) {
      const client = clientOf({
        ...(token === undefined ? {} : { token }),
        ...(cuts ? { times: { ...TIMES, ...times } } : {}),
      });
      return silent ? silentAboutCuts(client) : client;
    },
  };
}

interface Carrier {
  send: typeof fetch;
  baseUrl: string;
  broken?: () => number;
  carried?: () => readonly number[];
  close: () => Promise<void>;
}

async function carrier(host: Transport, { arm, seed = 0, fate, ...rest }: WayInOptions): Promise<Carrier> {
  const options: OverHandlerOptions = { callers: rest.callers, heartbeat_ms: rest.heartbeat_ms };
  const nothing = async (): Promise<void> => {};
  switch (arm) {
    case 'handler':
      return { send: handlerFetch(host, options), baseUrl: 'http://yonder.test', close: nothing };
    case 'tcp': {
      const listener = await listen(handlerOver(host, options), TCP);
      return { send: fetch, baseUrl: listener.url, close: listener.close };
    }
    case 'unix': {
      const folder = await mkdtemp(join(tmpdir(), 'yonder-socket-'));
      const path = join(folder, 'socket');
      const listener = await listen(handlerOver(host, options), { kind: 'unix', path });
      const client = unixFetch(path);
      return {
        send: client.fetch,
        baseUrl: 'http://localhost',
        async close() {
          await client.close();
          await listener.close();
          await rm(folder, { recursive: true, force: true });
        },
      };
    }
    case 'cut': {
      const listener = await listen(handlerOver(host, options), TCP);
      const { hostname, port } = new URL(listener.url);
      const target = { host: hostname, port: Number(port) };
      const proxy = await startCuttingProxy(target, fate ?? fatesOf(seed));
      return {
        send: aroundVersions(proxy.url, listener.url),
        baseUrl: proxy.url,
        broken: () => proxy.broken,
        carried: () => proxy.carried,
        async close() {
          await proxy.close();
          await listener.close();
        },
      };
    }
  }
}

const TCP = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;

/**
 * Cuts every connection somewhere between the first and about the 30,000th byte, small places as likely as great ones; every eighth within what
 * the client sends. The twentieth connection may carry twice as much, and so on, so that what is long comes through at last.
 */
function fatesOf(seed: number): (connection: number) => Fate {
  const random = randomOf(seed);
  return (connection) => {
    const after = Math.ceil(Math.exp(random() * Math.log(30_000)) * 2 ** Math.floor(connection / 20));
    return random() < 1 / 8 ? { kind: 'cut', after, on: 'up' } : { kind: 'cut', after };
  };
}

/** Who has never heard from a server is told of the first failure, so the first question goes around the proxy. */
function aroundVersions(proxy: string, server: string): typeof fetch {
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.pathname !== routeOf('capabilities')) return fetch(url, init);
    return fetch(url.href.replace(proxy, server), init);
  };
}

/** Behaviours are the same in every arm: that a connection was lost on the way is no part of them. */
function silentAboutCuts(transport: Transport): Transport {
  return {
    ...transport,
    follow: (name, context, request) => quiet(transport.follow(name, context, request)),
    async run(context, request) {
      const run = await transport.run(context, request);
      const events = quiet(run);
      return { run_id: run.run_id, input_id: run.input_id, [Symbol.asyncIterator]: () => events };
    },
  };
}

async function* quiet(events: AsyncIterable<WireEvent>): AsyncGenerator<WireEvent> {
  for await (const event of events) if (!event.type.startsWith('connection_')) yield event;
}
