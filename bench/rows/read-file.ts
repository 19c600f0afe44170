import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Row, wall } from '../row.ts';
import { openWorkspace } from '../workspace.ts';

const reads = 500;

async function repeat(work: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < reads; done += 1) await work();
}

export const row: Row = {
  what: '`read_file` of 64 KiB through Workspace',
  against: '`fs.promises.readFile`',
  bars: { wall: { ratio: 1.5, direction: 'at most' } },
  rounds: 15,
  async prepare() {
    const { folder, workspace, close } = await openWorkspace();
    const file = path.join(folder, 'file.bin');
    await writeFile(file, randomBytes(64 * 1024));
    return {
      ours: async () => ({ wall: await wall(() => repeat(() => workspace.readFile('file.bin'))) }),
      base: async () => ({ wall: await wall(() => repeat(() => readFile(file))) }),
      close,
    };
  },
};
