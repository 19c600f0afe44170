import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Row } from '../row.ts';

const worker = new URL('../turns.ts', import.meta.url);

interface Session {
  measure(): Promise<number>;
  close(): Promise<void>;
}

async function openSession(turn: number): Promise<Session> {
  const child = fork(worker, [String(turn)]);
  await once(child, 'message');
  return {
    async measure() {
      child.send('measure');
      const [time] = await once(child, 'message');
      return Number(time);
    },
    async close() {
      const ended = once(child, 'exit');
      child.send('end');
      await ended;
    },
  };
}

export const row: Row = {
  what: 'our own time per turn, turn 10,000 of one session',
  against: 'turn 10',
  bars: { 'per turn': { ratio: 1.2, direction: 'at most' } },
  rounds: 11,
  async prepare() {
    const [late, early] = await Promise.all([openSession(10_000), openSession(10)]);
    return {
      ours: async () => ({ 'per turn': await late.measure() }),
      base: async () => ({ 'per turn': await early.measure() }),
      close: async () => void (await Promise.all([late.close(), early.close()])),
    };
  },
};
