// A server in a process of its own.
//
//   node bench/served.ts MODE [FOLDER]      started by `bench/rows/remote-*.ts`; first message out is its address; ends with its parent
//
// MODE deltas: each model call is one answer of 20,000 deltas.   turns: each run has 100 turns.
//      paced: the same with a model that takes 100 ms for each turn.
//      relay: no Yonder; each request is answered with the previews of that answer, what is there in one tick as one chunk.
import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Models, ModelPart } from '../src/model/index.ts';
import { LOCAL_CONTEXT } from '../src/protocol/context.ts';
import { createHandler } from '../src/server/handler.ts';
import { listen } from '../src/server/listen/listen.ts';
import { openBackend } from './backend.ts';
import { finishPart, scriptedModels } from './scripted.ts';

const TURNS = 100;
/** Sooner than any model answers. */
const PACE_MS = 100;
const [mode = '', folder] = process.argv.slice(2);
process.once('disconnect', () => process.exit());
process.send?.(mode === 'relay' ? await relay() : await serve());

/** What a model says: in each turn of the event loop some fifty words. */
async function* deltas(): AsyncGenerator<string> {
  for (let index = 0; index < 20_000; index += 1) {
    if (index % 50 === 0) await setImmediate();
    yield ` word${index % 100}`;
  }
}

async function* longAnswer(): AsyncGenerator<ModelPart> {
  let whole = '';
  for await (const text of deltas()) {
    whole += text;
    yield { type: 'text_delta', text };
  }
  yield finishPart(whole);
}

/** The previews of that answer as we send them, what is there in one tick as one chunk. */
async function relayDeltas(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let waiting = '';
  let offset = 0;
  for await (const content of deltas()) {
    const event = { type: 'agent_choice', content, offset, ...BESIDE };
    offset += content.length;
    if (waiting === '') {
      void setImmediate().then(() => {
        response.write(waiting);
        waiting = '';
      });
    }
    waiting += `data: ${JSON.stringify(event)}\n\n`;
  }
  await setImmediate();
  response.end();
}

/** What a preview has beside its text. */
const BESIDE = {
  attempt: 1,
  agent_name: 'root',
  message_id: 'msg_1234567890abcdef',
  session_id: '1234567890abcdef',
  run_id: 'run_1234567890abcdef',
};

async function relay(): Promise<string> {
  const server = createServer((_request, response) => void relayDeltas(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

async function serve(): Promise<string> {
  const models = (): Models => scriptedModels(() => (mode === 'deltas' ? longAnswer() : turn()));
  const { transport } = await openBackend(models, folder);
  let requests = 0;
  const handler = createHandler(transport, {
    authenticate: async () => LOCAL_CONTEXT,
    requestId: () => `http_${(requests += 1)}`,
  });
  return (await listen(handler, { kind: 'tcp', host: '127.0.0.1', port: 0 })).url;
}

let turns = 0;

async function* turn(): AsyncGenerator<ModelPart> {
  if (mode === 'paced') await setTimeout(PACE_MS);
  turns += 1;
  const text = `turn ${turns}`;
  yield { type: 'text_delta', text };
  if (turns % TURNS === 0) {
    yield finishPart(text);
    return;
  }
  const updates = [{ id: 'todo_1', status: turns % 2 === 0 ? 'pending' : 'in-progress' }];
  const first = turns % TURNS === 1;
  const call = first ? { descriptions: ['the only item'] } : { updates };
  yield finishPart(text, {
    id: `call_${turns}`,
    name: first ? 'create_todos' : 'update_todos',
    arguments: JSON.stringify(call),
  });
}
