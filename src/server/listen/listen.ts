import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Address } from './address.ts';
import { urlOf } from './address.ts';
import { bind } from './bind.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { nodeRequests, type Answered, type Handler } from './node-requests.ts';
import { faultOf, rawAnswer } from './raw-answer.ts';
import type { TlsTexts } from './tls.ts';

export interface ListenOptions {
  /** Speaks TLS with these; absent: plain HTTP. */
  tls?: TlsTexts | undefined;
  limits?: Partial<ServerLimits>;
  requestId?: () => string;
  /** Told of each answer when it is over. */
  answered?: (answered: Answered) => void;
}

export interface Listener {
  /** `http(s)://host:port` or `unix:///path`: what a client is given. */
  url: string;
  /** Where it really listens: the port that was free, the address of a socket that was passed on. */
  address: Address;
  /** How much is open now; `held_bytes` waits for readers that do not take it. */
  open(): { connections: number; answers: number; held_bytes: number };
  /** Takes no more connections and ends those that do nothing; the others `drain_ms` later (at once without it). Any number of times. */
  close(options?: { drain_ms?: number }): Promise<void>;
}

/** A handler on a real socket. Throws as `bind` does where the address cannot be listened on. */
export async function listen(
  handler: Handler,
  address: Address,
  options: ListenOptions = {},
): Promise<Listener> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const requestId = options.requestId ?? (() => `http_${crypto.randomUUID()}`);
  const answered = options.answered ?? (() => undefined);
  const answer = nodeRequests(handler, { limits, requestId, answered });
  const settings = {
    maxHeaderSize: limits.header_bytes,
    headersTimeout: limits.headers_ms,
    requestTimeout: 0, // bodies have their own time
    keepAliveTimeout: limits.keep_alive_ms,
    connectionsCheckingInterval: limits.check_ms,
    requireHostHeader: false, // refused in the words of our table
    noDelay: true,
  };
  const server =
    options.tls === undefined
      ? createServer(settings)
      : createTlsServer({ ...settings, ...options.tls, handshakeTimeout: limits.headers_ms });
  server.maxHeadersCount = 0; // counted by us: Node drops those above its limit without a word
  server.maxConnections = limits.connections;
  let closing: Promise<void> | undefined;
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const answers = new Map<ServerResponse, Socket>();
  const take = (incoming: Parameters<typeof answer>[0], outgoing: ServerResponse): void => {
    answers.set(outgoing, incoming.socket);
    outgoing.once('close', () => {
      answers.delete(outgoing);
      if (closing !== undefined) incoming.socket.end();
    });
    answer(incoming, outgoing);
  };
  server.on('request', take);
  server.on('checkExpectation', take);
  server.on('clientError', (cause: NodeJS.ErrnoException, socket: Duplex) => {
    const fault = faultOf(cause, limits);
    const isAnswering = [...answers].some(([outgoing, its]) => its === socket && outgoing.headersSent);
    if (fault === undefined || isAnswering || !socket.writable) socket.destroy();
    else {
      const request_id = requestId();
      answered({
        method: '-',
        path: '-',
        status: rawAnswer(socket, fault, request_id),
        request_id,
        error: fault,
      });
    }
  });
  await bind(server, address);
  const bound = boundTo(server, address);
  /** Between requests, or before the first one; a socket under TLS is another than the one above it. */
  const idle = (): Socket[] => {
    const busy = [...answers.values()];
    return [...sockets].filter((socket) => !busy.some((its) => isSame(its, socket)));
  };
  return {
    url: urlOf(bound, options.tls !== undefined),
    address: bound,
    open: () => ({
      connections: sockets.size,
      answers: answers.size,
      held_bytes: [...answers.keys()].reduce((sum, { writableLength }) => sum + writableLength, 0),
    }),
    close: ({ drain_ms = 0 } = {}) => (closing ??= close(server, { sockets, idle, drain_ms })),
  };
}

function boundTo(server: Server, address: Address): Address {
  const bound = server.address();
  if (address.kind === 'unix' || bound === null) return address;
  if (typeof bound === 'string') return bound === '' ? address : { kind: 'unix', path: bound };
  return { kind: 'tcp', host: address.kind === 'tcp' ? address.host : bound.address, port: bound.port };
}

function isSame(left: Socket, right: Socket): boolean {
  const isPeer = left.remotePort !== undefined && left.remotePort === right.remotePort;
  return left === right || (isPeer && left.remoteAddress === right.remoteAddress);
}

async function close(
  server: Server,
  { sockets, idle, drain_ms }: { sockets: ReadonlySet<Socket>; idle: () => Socket[]; drain_ms: number },
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  if (drain_ms > 0) {
    for (const socket of idle()) socket.destroy();
    const waiting = new AbortController();
    const time = delay(drain_ms, undefined, { signal: waiting.signal }).catch(() => undefined);
    await Promise.race([promise, time]);
    waiting.abort();
  }
  for (const socket of sockets) socket.destroy();
  await promise;
}
