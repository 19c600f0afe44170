import { createParser } from 'eventsource-parser';
import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import { parseEvent } from '../../src/protocol/events/events.ts';
import { newSession } from '../backend.ts';
import { type Row, wall } from '../row.ts';
import { type BenchServer, startServer } from '../server.ts';

const deltas = 20_000;

async function rate(work: () => Promise<void>): Promise<{ 'events/s': number }> {
  return { 'events/s': (deltas / (await wall(work))) * 1000 };
}

/** A run whose one answer is read to its end, each event parsed. */
async function run({ backend }: BenchServer): Promise<void> {
  const session = await newSession(backend);
  let text = 0;
  let last: { type: string; reason?: unknown } | undefined;
  for await (const { json } of await session.run(LOCAL_CONTEXT, { messages: [{ content: 'Count.' }] })) {
    const event = parseEvent(json);
    if (event.type === 'agent_choice') text += String(event['content']).length;
    last = event;
  }
  if (last?.reason !== 'normal' || text < deltas * 6) throw new Error(`${text} characters came`);
}

/** The same of a bare server. */
async function read({ url }: BenchServer): Promise<void> {
  let seen = 0;
  const parser = createParser({
    onEvent: ({ data }) => {
      if ('content' in JSON.parse(data)) seen += 1;
    },
  });
  const decoder = new TextDecoder();
  const { body } = await fetch(url);
  for await (const chunk of body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
  if (seen !== deltas) throw new Error(`the bare server sent ${seen} events`);
}

export const row: Row = {
  what: 'one reader of a server, 20,000 deltas to a parsing client',
  against: 'a bare Node server that relays the same bytes, one chunk per tick',
  bars: { 'events/s': { ratio: 0.5, direction: 'at least' } },
  rounds: 9,
  async prepare() {
    const server = await startServer('deltas');
    const relay = await startServer('relay');
    return {
      ours: () => rate(() => run(server)),
      base: () => rate(() => read(relay)),
      async close() {
        await server.close();
        await relay.close();
      },
    };
  },
};
