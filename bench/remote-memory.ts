// A server as `yonder serve api` has it, in a process of its own, that says what it holds. It keeps so many idle sessions open.
//
//   node --expose-gc bench/remote-memory.ts KEPT      started by `bench/rows/remote-idle.ts` and `remote-runs.ts`: its first message is its address;
//                                                each message to it is answered with what it holds, once the garbage is gone
import type { ModelPart } from '../src/model/index.ts';
import { LOCAL_CONTEXT } from '../src/protocol/context.ts';
import { startServer } from '../src/server/server.ts';
import { openBackend } from './backend.ts';
import type { Held } from './memory-server.ts';
import { finishPart, scriptedModels } from './scripted.ts';

async function* shortAnswer(): AsyncGenerator<ModelPart> {
  yield { type: 'text_delta', text: 'The list is kept.' };
  yield finishPart('The list is kept.');
}

const backend = await openBackend(() => scriptedModels(shortAnswer), undefined, {
  teams: [],
  idle_ms: 600_000,
  max_sessions: 10_000,
  max_idle: Number(process.argv[2]),
});
const listener = await startServer(backend.transport, {
  address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
  authenticate: async () => LOCAL_CONTEXT,
});
process.once('disconnect', () => void end());
process.on('message', () => void held().then((bytes) => process.send?.(bytes)));
process.send?.(listener.url);

async function held(): Promise<Held> {
  if (globalThis.gc === undefined) throw new Error('start this with --expose-gc');
  for (let times = 0; times < 3; times += 1) await globalThis.gc({ execution: 'async' });
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, used: heapUsed + external };
}

async function end(): Promise<void> {
  await listener.close();
  await backend.close();
}
