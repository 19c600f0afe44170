import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createOpenAI } from '@ai-sdk/openai';
import { createModels } from '../../src/model/index.ts';
import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import { openBackend } from '../backend.ts';
import { type Row, wall } from '../row.ts';

const deltas = 20_000;

/** One answer of many small deltas as the provider sends it: one event after the other. */
function answerEvents(): Uint8Array[] {
  const event = (delta: object, finish_reason: string | null): string =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: 'gpt-4o-mini',
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      usage: null,
    })}\n\n`;
  const texts = [
    event({ role: 'assistant', content: '' }, null),
    ...Array.from({ length: deltas }, (_, index) => event({ content: ` word${index % 100}` }, null)),
    event({}, 'stop'),
    'data: [DONE]\n\n',
  ];
  return texts.map((text) => new TextEncoder().encode(text));
}

function answering(events: readonly Uint8Array[]): typeof fetch {
  return async () => {
    let next = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const event = events[next];
        next += 1;
        if (event === undefined) controller.close();
        else controller.enqueue(event);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
}

/** Events of the provider per second. */
async function rate(work: () => Promise<unknown>): Promise<{ 'events/s': number }> {
  return { 'events/s': (deltas / (await wall(work))) * 1000 };
}

async function streamOfProvider(answer: typeof fetch): Promise<void> {
  const model = createOpenAI({ apiKey: 'none', fetch: answer }).chat('gpt-4o-mini');
  const { stream } = await model.doStream({
    prompt: [{ role: 'user', content: [{ type: 'text', text: 'Count.' }] }],
  });
  let seen = 0;
  for await (const part of stream) if (part.type === 'text-delta' && part.delta !== '') seen += 1;
  if (seen !== deltas) throw new Error(`the provider package gave ${seen} deltas`);
}

export const row: Row = {
  what: '20,000 deltas through loop, log and `--json`',
  against: "the provider package's `doStream` over the same bytes",
  bars: { 'events/s': { ratio: 0.5, direction: 'at least' } },
  rounds: 9,
  async prepare() {
    const answer = answering(answerEvents());
    const backend = await openBackend(() => createModels({ env: () => 'none', fetch: answer }));
    const output = createWriteStream('/dev/null');
    async function run(): Promise<void> {
      const session = await backend.session();
      const events = await session.run(LOCAL_CONTEXT, { messages: [{ content: 'Count.' }] });
      let last = '';
      for await (const event of events) {
        last = event.json;
        if (!output.write(`${event.json}\n`)) await once(output, 'drain');
      }
      if (!last.includes('"reason":"normal"')) throw new Error(`the run ended with ${last}`);
    }
    return {
      ours: () => rate(run),
      base: () => rate(() => streamOfProvider(answer)),
      async close() {
        output.end();
        await backend.close();
      },
    };
  },
};
