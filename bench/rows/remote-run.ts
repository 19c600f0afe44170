import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HELLO } from '../hello.ts';
import { type Row, wall } from '../row.ts';

const root = path.join(import.meta.dirname, '../..');
const bin = path.join(root, 'bin/yonder.js');
const TOKEN = 'a-token-of-the-bench';

/** Two model calls from a cassette, one `read_file`, one `shell`, on a server that runs already. */
export const row: Row = {
  what: '`yonder run examples/hello.yaml --fake --remote`, the server running',
  against: 'the same without `--remote`',
  bars: { wall: { ratio: 1.1, plus: { amount: 20, unit: 'ms' }, direction: 'at most' } },
  rounds: 15,
  async prepare() {
    const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
    const project = path.join(folder, 'project');
    await cp(path.join(root, 'examples/project'), project, { recursive: true });
    const env = { PATH: process.env['PATH'], HOME: folder, YONDER_AUTH_TOKEN: TOKEN, YONDER_TOKEN: TOKEN };
    const server = spawn(process.execPath, [bin, 'serve', 'api', '--listen', '127.0.0.1:0'], {
      cwd: project,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = once(server, 'exit');
    const [line] = await once(server.stdout, 'data');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0];
    if (url === undefined) throw new Error(`the server said ${String(line)}`);
    async function run(more: readonly string[]): Promise<{ wall: number }> {
      return {
        wall: await wall(() => {
          const { status, stdout, stderr } = spawnSync(process.execPath, [...HELLO, ...more], {
            cwd: project,
            env,
            encoding: 'utf8',
          });
          if (status !== 0 || !stdout.includes('"reason":"normal"'))
            throw new Error(`run ${more.join(' ')} ended with ${status}: ${stderr}`);
        }),
      };
    }
    return {
      ours: () => run(['--remote', url]),
      base: () => run([]),
      async close() {
        server.kill('SIGTERM');
        await gone;
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};
