import { expect, test } from 'vitest';
import { cases, tried } from '../long.ts';
import { oneAgent, turnOf } from './scenarios.ts';
import { openStage } from './stage.ts';

const INPUTS = 24;

/** The same numbers in every run of the suite (a linear congruential generator, Numerical Recipes' constants). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test(
  'whenever a process is killed, each input that it acknowledged is in the log or in the inbox',
  { timeout: cases(180_000, 600_000) },
  async (context) => {
    const rounds = cases(3, 40);
    const random = seeded(20_261_121);
    for (let round = 0; round < rounds; round += 1) {
      const turns = [turnOf('', 0, { text: 'Heard.' })];
      const stage = await openStage({ team: oneAgent, safety: 'balanced', turns }, 2 * INPUTS);
      const process = stage.process();
      const session_id = await stage.session(process);
      const dies = Math.ceil(random() * INPUTS);
      const acknowledged: unknown[] = [];
      await Promise.all(
        Array.from({ length: INPUTS }, async (_, index) => {
          const operation = random() < 0.5 ? 'session/steer' : 'session/follow_up';
          try {
            const sent = await process.call(operation, { session_id, messages: [{ content: `${index}` }] });
            if (sent !== undefined) acknowledged.push(sent['input_id']);
          } catch (thrown) {
            // A queue that is full says so: that input was not taken.
            if (!String(thrown).includes('queue_full')) throw thrown;
          }
          if (acknowledged.length === dies) process.signal('SIGKILL');
        }),
      );
      await process.kill();
      const log = await stage.log(session_id);
      const waiting = await stage.look((store) => store.pendingInputs(session_id));
      const kept = new Set([...log.map((event) => event['input_id']), ...waiting.map((row) => row.input_id)]);
      expect(acknowledged.filter((input_id) => !kept.has(input_id))).toEqual([]);
      const taken = log.filter((event) => event.type === 'input_taken').map((event) => event['input_id']);
      expect(new Set(taken).size).toBe(taken.length);
      await stage.close();
    }
    tried(context, rounds * INPUTS);
  },
);
