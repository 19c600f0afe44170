// A session of many events whose process dies in the middle of a run, as a crash leaves it.
//
//   node bench/cut-session.ts FOLDER EVENTS      started by `bench/rows/recovery.ts`; prints the session's id, and is gone
import { writeSync } from 'node:fs';
import { LOCAL_CONTEXT } from '../src/protocol/context.ts';
import type { Models, ModelPart } from '../src/model/index.ts';
import { openBackend } from './backend.ts';
import { finishPart, scriptedModels } from './scripted.ts';

/** About what an answer, and a tool result, of a few lines takes. Characters. */
const TEXT = 'A few words of an answer. '.repeat(24);
const [folder = '', events = '10000'] = process.argv.slice(2);
let turn = 0;

async function* answer(): AsyncGenerator<ModelPart> {
  turn += 1;
  if (head >= Number(events)) {
    writeSync(1, runtime.session_id);
    process.exit();
  }
  const call =
    turn === 1
      ? { name: 'create_todos', args: { descriptions: [TEXT] } }
      : {
          name: 'update_todos',
          args: { updates: [{ id: 'todo_1', status: turn % 2 === 0 ? 'pending' : 'in-progress' }] },
        };
  const text = `turn ${turn}: ${TEXT}`;
  const written = JSON.stringify(call.args);
  yield { type: 'text_delta', text };
  yield { type: 'tool_call_delta', id: `call_${turn}`, name: call.name, arguments_delta: written };
  yield finishPart(text, { id: `call_${turn}`, name: call.name, arguments: written });
}

const models = (): Models => scriptedModels(() => answer());

let head = 0;
const bench = await openBackend(models, folder);
const runtime = await bench.session();
const stream = await runtime.run(LOCAL_CONTEXT, { messages: [{ content: 'Keep the list.' }] });
for await (const { seq } of stream) head = seq ?? head;
