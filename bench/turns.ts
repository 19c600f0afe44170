// Measures our own time per turn around one turn of a session, in a process of its own: what a long session keeps in memory
// must not be felt by the short one that it is measured against.
//
//   node bench/turns.ts TURN      started by `bench/rows/turn-late.ts`; answers each message with milliseconds per turn
import { LOCAL_CONTEXT } from '../src/protocol/context.ts';
import type { Models, ModelCall, ModelPart } from '../src/model/index.ts';
import { Histories } from '../src/model/prompt/history.ts';
import { type BenchBackend, openBackend } from './backend.ts';
import { finishPart, scriptedModels } from './scripted.ts';

/** What one measurement takes together, around the turn that was asked for. */
const TURNS = 10;
const SAMPLES = 10;

/** A model that asks for one tool call each turn, with arguments that are never the same twice in a row. */
class ScriptedModel {
  /** Our own time between two calls of the model, the building of the prompt included, by turn. Milliseconds. */
  readonly own: number[] = [];
  readonly #histories = new Histories();
  #left = 0;
  #turn = 0;
  /** Turns that may be made before the next one waits. */
  #allowed = 0;
  #open: PromiseWithResolvers<void> = Promise.withResolvers();
  #reached: PromiseWithResolvers<void> = Promise.withResolvers();

  get models(): Models {
    return scriptedModels((call, signal) => this.#stream(call, signal));
  }

  /** Lets the session go on until it asks for the model's turn after `turn`; that call waits. */
  async goTo(turn: number): Promise<void> {
    this.#allowed = turn;
    this.#reached = Promise.withResolvers();
    this.#open.resolve();
    await this.#reached.promise;
  }

  async *#stream(call: ModelCall, signal: AbortSignal): AsyncGenerator<ModelPart> {
    const history = await this.#histories.of(
      call.messages,
      { wire: 'chat', provider: 'openai', media: { images: [], documents: [] } },
      call.loadBlob,
      call.exchanges,
    );
    history.prompt(call.system.map((content) => ({ role: 'system', content })));
    history.giveBack();
    if (this.#turn > 0) this.own[this.#turn] = performance.now() - this.#left;
    if (this.#turn === this.#allowed) await this.#wait(signal);
    this.#turn += 1;
    yield* answer(this.#turn, () => (this.#left = performance.now()));
  }

  async #wait(signal: AbortSignal): Promise<void> {
    this.#open = Promise.withResolvers();
    signal.addEventListener('abort', () => this.#open.reject(signal.reason));
    this.#reached.resolve();
    await this.#open.promise;
  }
}

async function* answer(turn: number, leave: () => void): AsyncGenerator<ModelPart> {
  const updates = [{ id: 'todo_1', status: turn % 2 === 0 ? 'pending' : 'in-progress' }];
  const call = turn === 1 ? { descriptions: ['the only item'] } : { updates };
  const name = turn === 1 ? 'create_todos' : 'update_todos';
  const text = JSON.stringify(call);
  leave();
  yield { type: 'text_delta', text: `turn ${turn}` };
  yield { type: 'tool_call_delta', id: `call_${turn}`, name, arguments_delta: text };
  yield finishPart(`turn ${turn}`, { id: `call_${turn}`, name, arguments: text });
}

async function readAll(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _event of events);
}

/** A session whose model waits before the first of the turns around `turn`. */
async function sessionAt(turn: number): Promise<{ driven: ScriptedModel; end: () => Promise<unknown> }> {
  model = new ScriptedModel();
  const driven = model;
  const runtime = await backend.session();
  void readAll(await runtime.run(LOCAL_CONTEXT, { messages: [{ content: 'Keep the list.' }] }));
  await driven.goTo(turn - TURNS / 2);
  return { driven, end: () => runtime.interrupt(LOCAL_CONTEXT, {}) };
}

/** Our own time in the next turns of a session. Milliseconds. */
async function nextTurns(driven: ScriptedModel, count: number): Promise<number> {
  const from = driven.own.length;
  await driven.goTo(from + count - 1);
  return driven.own.slice(from).reduce((sum, time) => sum + time, 0);
}

async function measureEarly(turn: number): Promise<number> {
  let sum = 0;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const { driven, end } = await sessionAt(turn);
    sum += await nextTurns(driven, TURNS);
    await end();
  }
  return sum / (SAMPLES * TURNS);
}

const turn = Number(process.argv[2]);
let model = new ScriptedModel();
const backend: BenchBackend = await openBackend(() => model.models);
const late = turn < 100 ? undefined : await sessionAt(turn);
if (late === undefined) for (let warm = 0; warm < 20; warm += 1) await measureEarly(turn);

process.on('message', (message) => {
  if (message === 'end') {
    void backend.close().then(() => process.disconnect());
    return;
  }
  const measured =
    late === undefined
      ? measureEarly(turn)
      : nextTurns(late.driven, TURNS * SAMPLES).then((sum) => sum / (TURNS * SAMPLES));
  void measured.then((time) => process.send?.(time));
});
process.send?.('ready');
