import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import { createModels } from '../../src/model/index.ts';
import { openBackend } from '../backend.ts';
import { median, type Row } from '../row.ts';
import type { Called } from '../steered.ts';

const STEERS = 20;
const unused = () =>
  createModels({ env: () => 'none', fetch: () => Promise.reject(new Error('no network here')) });

/** From the steer in this process to the model call in the other one that carries it; the call before it ends when the steer is accepted. */
async function measure(): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
  const child = fork(new URL('../steered.ts', import.meta.url), [folder]);
  // Kept in order, since two may come in one breath.
  const messages = on(child, 'message');
  const told = async (): Promise<unknown> => ((await messages.next()).value as unknown[])[0];
  try {
    const session_id = await told();
    await told();
    const second = await openBackend(unused, folder);
    try {
      const runtime = second.open(String(session_id));
      const times: number[] = [];
      for (let count = 1; count <= STEERS; count += 1) {
        const begun = process.hrtime.bigint();
        await runtime.steer(LOCAL_CONTEXT, { messages: [{ content: `steer ${count}` }] });
        child.send('end');
        const { at, steers } = (await told()) as Called;
        if (steers !== count) throw new Error(`the call carried ${steers} steers, not ${count}`);
        times.push(Number(BigInt(at) - begun) / 1e6);
      }
      return median(times);
    } finally {
      await second.close();
    }
  } finally {
    const gone = once(child, 'exit');
    child.send('close');
    await gone;
    await rm(folder, { recursive: true, force: true });
  }
}

export const row: Row = {
  what: "steer from a second process to the model call that carries it, beyond the model's own time",
  against: undefined,
  bars: { 'accepted, read, asked': { below: 250, unit: 'ms' } },
  rounds: 5,
  measure: async () => ({ 'accepted, read, asked': await measure() }),
};
