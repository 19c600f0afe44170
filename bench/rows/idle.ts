import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Row } from '../row.ts';

const worker = new URL('../idle.ts', import.meta.url);

export const row: Row = {
  what: 'memory per open idle session, over 1,000',
  against: undefined,
  bars: { memory: { below: 200, unit: 'KB' } },
  rounds: 1,
  async measure() {
    const child = fork(worker, ['1000'], { execArgv: ['--expose-gc'] });
    const ended = once(child, 'exit');
    const [bytes] = await once(child, 'message');
    await ended;
    return { memory: Number(bytes) / 1000 };
  },
};
