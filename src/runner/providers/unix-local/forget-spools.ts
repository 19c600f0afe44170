import { readdir, rm } from 'node:fs/promises';
import { endTree } from '../../../process/process-tree.ts';
import { CommandSpool } from './spool.ts';

const STATUS = '.status';

/** Ends what still runs of the commands that have a spool in the folder, also those of a process that is gone, and deletes the folder. */
export async function forgetSpools(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!name.endsWith(STATUS)) continue;
    const spool = new CommandSpool(folder, name.slice(0, -STATUS.length));
    await endTree({ tag: spool.name, group: spool.readStatus()?.group });
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    // Most sessions never ran a command.
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return [];
    throw thrown;
  }
}
