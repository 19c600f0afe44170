import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Snapshots } from '../../src/runtime/snapshots/snapshots.ts';
import { type Row, wall } from '../row.ts';

const git = promisify(execFile);
const folders = 50;
const filesEach = 100;

async function fill(folder: string): Promise<void> {
  for (let one = 0; one < folders; one += 1) {
    await mkdir(path.join(folder, `d${one}`), { recursive: true });
    for (let file = 0; file < filesEach; file += 1)
      await writeFile(path.join(folder, `d${one}`, `f${file}.txt`), `${one} ${file}\n`);
  }
  await git('git', ['init', '-q'], { cwd: folder });
  await git('git', ['add', '-A'], { cwd: folder });
}

export const row: Row = {
  what: 'snapshot of a turn that changed a file, in a repository of 5,000 files',
  against: '`git status` there',
  bars: { wall: { ratio: 3, direction: 'at most' } },
  rounds: 15,
  async prepare() {
    const place = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
    const folder = path.join(place, 'work');
    await fill(folder);
    const root = path.join(place, 'data');
    const snapshots = new Snapshots({ root, env: process.env, own_folders: [root], now: () => new Date() });
    const at = { session_id: 'bench', folder };
    let before = await snapshots.open(at);
    let turn = 0;
    return {
      ours: async () => {
        turn += 1;
        await writeFile(path.join(folder, 'd1', 'f1.txt'), `turn ${turn}\n`);
        const figure = await wall(async () => {
          ({ picture: before } = await snapshots.close(at, before, false));
        });
        return { wall: figure };
      },
      base: async () => ({
        wall: await wall(() => git('git', ['status', '--porcelain'], { cwd: folder })),
      }),
      close: () => rm(place, { recursive: true, force: true }),
    };
  },
};
