/** Another process with a store of its own: opens it, then does what its parent asks over the channel. */
import { YonderError } from '../../../src/protocol/errors.ts';
import type { Store } from '../../../src/protocol/store.ts';
import { openStore, type StoreOptions } from '../../../src/session/index.ts';

export interface Call {
  id: number;
  method: string;
  parameters: unknown[];
}

export type Answer = { id: number; value: unknown } | { id: number; code: string; message: string };

let store: Store | undefined;

/** Only now, with everything loaded: the other user may not be able to read this folder. */
function become(user: number): void {
  process.setgroups?.([]);
  process.setgid?.(user);
  process.setuid?.(user);
}

async function perform({ method, parameters }: Call): Promise<unknown> {
  if (method === 'become') return become(Number(parameters[0]));
  if (method === 'open') {
    store = await openStore(parameters[0] as StoreOptions);
    return store.host_id;
  }
  const member: unknown = store === undefined ? undefined : Reflect.get(store, method);
  if (typeof member !== 'function') throw new Error(`the store has no method ${method}`);
  return Reflect.apply(member, store, parameters);
}

async function answer(call: Call): Promise<Answer> {
  try {
    return { id: call.id, value: await perform(call) };
  } catch (thrown) {
    const code = thrown instanceof YonderError ? thrown.code : 'not ours';
    return { id: call.id, code, message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

process.on('message', (call: Call) => {
  void answer(call).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
