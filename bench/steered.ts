// A run that another process steers: its model waits in every call until it is told to end, and says when each call began.
//
//   node bench/steered.ts FOLDER      started by `bench/rows/steer.ts`; first message out is the session's id, then one `Called` per call
import { LOCAL_CONTEXT } from '../src/protocol/context.ts';
import type { Models, ModelPart } from '../src/model/index.ts';
import { openBackend } from './backend.ts';
import { finishPart, scriptedModels } from './scripted.ts';

/** A call of the model began. */
export interface Called {
  /** CLOCK_MONOTONIC in nanoseconds, which all processes of a machine share. */
  at: string;
  /** Steers that it carries, all of the session. */
  steers: number;
}

let end = Promise.withResolvers<void>();

async function* answer(messages: readonly { role: string }[]): AsyncGenerator<ModelPart> {
  const steers = messages.filter(({ role }) => role === 'user').length - 1;
  const called: Called = { at: process.hrtime.bigint().toString(), steers };
  process.send?.(called);
  await end.promise;
  end = Promise.withResolvers();
  yield { type: 'text_delta', text: 'Told.' };
  yield finishPart('Told.');
}

const models = (): Models => scriptedModels((call) => answer(call.messages));

const bench = await openBackend(models, process.argv[2]);
const runtime = await bench.session();
process.send?.(runtime.session_id);
const stream = await runtime.run(LOCAL_CONTEXT, { messages: [{ content: 'Listen.' }] });
process.on('message', (message) => {
  if (message === 'end') end.resolve();
  // The call that waits ends with the process.
  if (message === 'close') process.exit();
});
for await (const _event of stream);
