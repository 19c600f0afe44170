import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import { parseEvent } from '../../src/protocol/events/events.ts';
import type { Runtime } from '../../src/protocol/backend.ts';
import { newSession } from '../backend.ts';
import type { Row } from '../row.ts';
import { startServer } from '../server.ts';

const WATCHERS = 200;

interface Seen {
  /** How long after its time each durable event was there. Milliseconds. */
  late: number[];
  last: number;
}

async function watch(runtime: Runtime, run_id: string): Promise<Seen> {
  const late: number[] = [];
  let last = 0;
  for await (const { seq, json } of runtime.follow(LOCAL_CONTEXT, { after: 0, run_id })) {
    if (seq === undefined) continue;
    if (seq !== last + 1) throw new Error(`event ${seq} came after ${last}`);
    last = seq;
    late.push(Date.now() - Date.parse(String(parseEvent(json)['timestamp'])));
  }
  return { late, last };
}

/** The 99th percentile over all events of all watchers of one run. Milliseconds. */
async function measure(watchers: number): Promise<number> {
  const server = await startServer('paced');
  try {
    const runtime = await newSession(server.backend);
    const { run_id } = await runtime.run(LOCAL_CONTEXT, { messages: [{ content: 'Keep the list.' }] });
    const seen = await Promise.all(Array.from({ length: watchers }, () => watch(runtime, run_id)));
    const [first] = seen;
    if (first === undefined || first.last < 500 || seen.some(({ last }) => last !== first.last))
      throw new Error(`watchers saw ${seen.map(({ last }) => last).join(', ')} events`);
    // The first events were there before the watchers came.
    const late = seen.flatMap((watcher) => watcher.late.slice(50)).toSorted((a, b) => a - b);
    return late[Math.floor(late.length * 0.99)] ?? Infinity;
  } finally {
    await server.close();
  }
}

export const row: Row = {
  what: `${WATCHERS} watchers of one run of ten turns a second on a server, every durable event; p99 of how late, above that of one watcher`,
  against: undefined,
  bars: { 'added latency': { below: 50, unit: 'ms' } },
  rounds: 3,
  measure: async () => ({ 'added latency': Math.max(0, (await measure(WATCHERS)) - (await measure(1))) }),
};
