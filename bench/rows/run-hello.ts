import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HELLO } from '../hello.ts';
import { type Measured, type Row, wall } from '../row.ts';

const root = path.join(import.meta.dirname, '../..');
const peakMemory = path.join(root, 'bench/peak-memory.cjs');

function runNode(args: readonly string[], folder: string, expected: string): string {
  const { PATH } = process.env;
  const { status, stdout, stderr, output } = spawnSync(process.execPath, args, {
    cwd: path.join(folder, 'project'),
    env: { PATH, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0 || !stdout.includes(expected))
    throw new Error(`node ${args[0]} ended with ${status}: ${stderr}`);
  return output[3] ?? '';
}

async function measure(args: readonly string[], folder: string, expected: string): Promise<Measured> {
  const time = await wall(() => runNode(args, folder, expected));
  const kilobytes = Number(runNode(['--require', peakMemory, ...args], folder, expected));
  if (!(kilobytes > 0)) throw new Error('the peak of memory was not told');
  return { wall: time, 'peak memory': kilobytes };
}

/** Two model calls from a cassette, one `read_file`, one `shell`, everything logged: what the shortest useful run costs. */
export const row: Row = {
  what: '`yonder run examples/hello.yaml --fake`',
  against: '`node -e 0`',
  bars: {
    wall: { ratio: 7, direction: 'at most' },
    'peak memory': { ratio: 2.6, direction: 'at most' },
  },
  rounds: 15,
  async prepare() {
    const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
    await cp(path.join(root, 'examples/project'), path.join(folder, 'project'), { recursive: true });
    return {
      ours: () => measure(HELLO, folder, '"reason":"normal"'),
      base: () => measure(['-e', '0'], folder, ''),
      close: () => rm(folder, { recursive: true }),
    };
  },
};
