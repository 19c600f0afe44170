import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Row, wall } from '../row.ts';
import { openWorkspace } from '../workspace.ts';

const commands = 50;

async function repeat(work: (number: number) => Promise<unknown>): Promise<void> {
  for (let done = 0; done < commands; done += 1) await work(done);
}

export const row: Row = {
  what: '`true` through Workspace',
  against: "`spawn('/bin/sh', ['-c', 'true'])`",
  bars: { wall: { ratio: 1.5, direction: 'at most' } },
  rounds: 11,
  async prepare() {
    const { workspace, close } = await openWorkspace();
    let round = 0;
    async function start(number: number): Promise<void> {
      const command_id = `bench-${round}-${number}`;
      const handle = await workspace.start({ command_id, program: '/bin/sh', args: ['-c', 'true'] });
      const { exit_code } = await handle.result;
      if (exit_code !== 0) throw new Error(`true ended with ${exit_code}`);
    }
    return {
      ours: async () => {
        round += 1;
        return { wall: await wall(() => repeat(start)) };
      },
      base: async () => ({
        wall: await wall(() =>
          repeat(() =>
            once(spawn('/bin/sh', ['-c', 'true'], { stdio: ['ignore', 'pipe', 'pipe'] }), 'close'),
          ),
        ),
      }),
      close,
    };
  },
};
