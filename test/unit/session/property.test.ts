import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Store } from '../../../src/protocol/store.ts';
import { openStore } from '../../../src/session/index.ts';
import { newSession, temporaryStore } from './support.ts';

/** What can happen to a log: a step with some events, one that was made before, a restart with or without a farewell. */
const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append'),
      events: fc.integer({ min: 0, max: 3 }),
      flush: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('repeat'), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('old epoch') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take over') }) },
);

interface Step {
  step_id: string;
  texts: string[];
}

/** A log and what it must hold, step by step. */
class Model {
  readonly root_id: string;
  readonly steps: Step[] = [];
  store: Store;
  epoch: number;
  readonly opened: Store[] = [];

  constructor(root_id: string, store: Store) {
    this.root_id = root_id;
    this.store = store;
    this.epoch = 0;
  }

  texts(): string[] {
    return this.steps.flatMap(({ texts }) => texts);
  }

  request(step: Step, epoch = this.epoch) {
    const events = step.texts.map((text) => ({ type: 'warning', fields: { text } }));
    return { root_id: this.root_id, epoch, step_id: step.step_id, events };
  }

  async next(): Promise<void> {
    const lease = await this.store.acquireLease(this.root_id);
    if (lease.kind === 'held') throw new Error('the lease was not given back');
    expect(lease.epoch).toBeGreaterThan(this.epoch);
    this.epoch = lease.epoch;
  }
}

type Act = { kind: string; events?: number; flush?: boolean; which?: number };

async function perform(model: Model, { kind, events = 0, flush, which = 0 }: Act): Promise<void> {
  const { store, steps } = model;
  const repeated = steps[which % Math.max(steps.length, 1)];
  if (kind === 'append') {
    const step_id = `step/${steps.length}`;
    const step = { step_id, texts: Array.from({ length: events }, (_, index) => `${step_id}/${index}`) };
    expect((await store.append({ ...model.request(step), flush })).kind).toBe('appended');
    steps.push(step);
  } else if (kind === 'repeat' && repeated !== undefined) {
    const result = await store.append(model.request(repeated));
    expect(result.kind === 'repeated' ? result.events.map(({ json }) => textOf(json)) : result).toEqual(
      repeated.texts,
    );
  } else if (kind === 'old epoch') {
    const step = { step_id: 'late', texts: ['late'] };
    await expect(store.append(model.request(step, model.epoch - 1))).rejects.toMatchObject({
      code: 'conflict',
    });
  } else if (kind === 'reopen') {
    await store.close();
    model.store = await openStore({ path: store.path });
    await model.next();
  } else if (kind === 'take over') {
    await store.releaseLease(model.root_id, model.epoch);
    model.opened.push(store);
    model.store = await openStore({ path: store.path });
    await model.next();
  }
}

function textOf(json: string): unknown {
  const event: { text?: unknown } = JSON.parse(json);
  return event.text;
}

test('whatever happens, numbers are dense and each step is in the log once, in order', async () => {
  const home = await temporaryStore();
  let logs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
      const root_id = `ses_${(logs += 1)}`;
      await home.createSession({ ...newSession(root_id), events: [] });
      const model = new Model(root_id, await openStore({ path: home.path }));
      try {
        await model.next();
        for (const one of acts) await perform(model, one);
        const stored = await model.store.readEvents(root_id, 0, 500);
        expect(stored.map(({ json }) => textOf(json))).toEqual(model.texts());
        expect(stored.map(({ seq }) => seq)).toEqual(model.texts().map((_, index) => index + 1));
        expect(await model.store.head(root_id)).toBe(stored.length);
      } finally {
        for (const store of [...model.opened, model.store]) await store.close();
      }
    }),
    { numRuns: 60 },
  );
});
