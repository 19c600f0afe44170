// Measures what a session costs that had one run and is open: in a process of its own, so that nothing else grows meanwhile.
//
//   node --expose-gc bench/idle.ts SESSIONS      started by `bench/rows/idle.ts`; answers with bytes per session
import { createModels, type Models, type ModelPart } from '../src/model/index.ts';
import { LOCAL_CONTEXT } from '../src/protocol/context.ts';
import { openBackend } from './backend.ts';

/** Opened before, so that what all sessions share is there already. */
const WARM = 100;

function shortAnswers(): Models {
  const plain = createModels({
    env: () => 'none',
    fetch: () => Promise.reject(new Error('no network here')),
  });
  return { ...plain, stream: shortAnswer };
}

async function* shortAnswer(): AsyncGenerator<ModelPart> {
  yield { type: 'text_delta', text: 'The list is kept.' };
  yield {
    type: 'finish',
    text: 'The list is kept.',
    reasoning: [],
    tool_calls: [],
    finish_reason: 'stop',
    usage: { input_tokens: 10, output_tokens: 5, cached_input_tokens: 0, cached_write_tokens: 0 },
    usage_known: true,
    price_known: false,
    model: 'openai/gpt-4o-mini',
  };
}

const backend = await openBackend(shortAnswers);

async function open(count: number): Promise<void> {
  for (let opened = 0; opened < count; opened += 1) {
    const session = await backend.session();
    let last = '';
    for await (const event of await session.run(LOCAL_CONTEXT, { messages: [{ content: 'Keep the list.' }] }))
      last = event.json;
    if (!last.includes('"reason":"normal"')) throw new Error(`a run ended with ${last}`);
  }
}

/** Resident memory once the garbage is gone. Bytes. */
async function resident(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('start this with --expose-gc');
  for (let times = 0; times < 3; times += 1) await globalThis.gc({ execution: 'async' });
  return process.memoryUsage.rss();
}

const sessions = Number(process.argv[2]);
await open(WARM);
const before = await resident();
await open(sessions);
process.send?.(((await resident()) - before) / sessions);
await backend.close();
