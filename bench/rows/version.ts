import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type Row, wall } from '../row.ts';

const bin = path.join(import.meta.dirname, '../../bin/yonder.js');

/** What every command pays before it does anything. */
export const row: Row = {
  what: '`yonder version`',
  against: '`node -e 0`',
  bars: { wall: { ratio: 1.5, direction: 'at most' } },
  rounds: 31,
  async prepare() {
    return {
      ours: async () => ({ wall: await wall(() => execFileSync(process.execPath, [bin, 'version'])) }),
      base: async () => ({ wall: await wall(() => execFileSync(process.execPath, ['-e', '0'])) }),
      close: async () => undefined,
    };
  },
};
