import { createServer, connect, type Socket } from 'node:net';

/**
 * What becomes of one connection. `after` counts bytes on their way down to the client, or with `on: 'up'` those on their way to the server; they are
 * let through to the last one.
 */
export type Fate =
  | { kind: 'whole' }
  /** Both ends are closed. */
  | { kind: 'cut'; after: number; on?: 'up' | 'down' }
  /** Nothing passes any more, either way, and nobody is told. */
  | { kind: 'stall'; after: number }
  /** The server sees its client go; the client sees nothing at all. */
  | { kind: 'half-open'; after: number }
  /** Ended as soon as it is there. */
  | { kind: 'refuse' };

export interface CuttingProxy {
  /** `http://127.0.0.1:port` */
  url: string;
  /** How many connections came. */
  readonly connections: number;
  /** How many met their fate, beside those that went through whole. */
  readonly broken: number;
  /** How many bytes each connection brought to its client. */
  readonly carried: readonly number[];
  /** Breaks all that is open now. */
  breakAll(): void;
  /** From the next connection on. */
  setTarget(target: ProxyTarget): void;
  close(): Promise<void>;
}

export type ProxyTarget = { host: string; port: number } | { path: string };

/** A TCP proxy on loopback that treats its connection number `n`, from 0, as `fate(n)` says. */
export async function startCuttingProxy(
  target: ProxyTarget,
  fate: (connection: number) => Fate,
): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  const state = { target, connections: 0, broken: 0, carried: [] as number[] };
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // Its end is what is told on: here it is one of many that are broken on purpose.
    socket.on('error', () => socket.destroy());
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client);
    const number = state.connections;
    const decided = fate(number);
    state.connections += 1;
    state.carried[number] = 0;
    if (decided.kind === 'refuse') {
      state.broken += 1;
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ ...state.target, allowHalfOpen: true });
    keep(upstream);
    upstream.on('data', (chunk) => (state.carried[number] = (state.carried[number] ?? 0) + chunk.length));
    join(client, upstream, decided, () => (state.broken += 1));
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen({ host: '127.0.0.1', port: 0 }, listening.resolve);
  await listening.promise;
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    get connections() {
      return state.connections;
    },
    get broken() {
      return state.broken;
    },
    get carried() {
      return state.carried;
    },
    breakAll() {
      for (const socket of open) socket.destroy();
    },
    setTarget(next) {
      state.target = next;
    },
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const socket of open) socket.destroy();
      await closed.promise;
    },
  };
}

/** Carries bytes both ways until the connection meets its fate. */
function join(client: Socket, upstream: Socket, fate: Fate, met: () => void): void {
  let isOver = false;
  const pass = (from: Socket, to: Socket, way: 'up' | 'down'): void => {
    let left = budgetOf(fate, way);
    from.on('data', (chunk: Buffer) => {
      if (isOver) return;
      const part = chunk.subarray(0, left);
      left -= part.length;
      const isLast = left <= 0;
      if (isLast) {
        isOver = true;
        met();
      }
      const goesOn = to.destroyed || to.write(part, () => isLast && meet(fate, client, upstream));
      if (goesOn || isLast) return;
      from.pause();
      to.once('drain', () => from.resume());
    });
    from.on('end', () => {
      if (!isOver) to.end();
    });
    from.on('close', () => {
      if (!isOver) to.destroy();
    });
  };
  pass(client, upstream, 'up');
  pass(upstream, client, 'down');
}

function budgetOf(fate: Fate, way: 'up' | 'down'): number {
  if (!('after' in fate)) return Number.POSITIVE_INFINITY;
  const counted = fate.kind === 'cut' ? (fate.on ?? 'down') : 'down';
  return counted === way ? Math.max(1, fate.after) : Number.POSITIVE_INFINITY;
}

function meet(fate: Fate, client: Socket, upstream: Socket): void {
  if (fate.kind === 'cut') client.destroySoon();
  if (fate.kind !== 'stall') upstream.destroy();
}
