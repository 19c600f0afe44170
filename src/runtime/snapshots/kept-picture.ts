import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Shadow } from './shadow.ts';
import { pictureSchema } from './types.ts';

const keptSchema = z.object({
  work_tree: z.string(),
  index: z.object({ size: z.number(), modified_ms: z.number() }),
  ...pictureSchema.pick({ tree: true, modes: true }).shape,
  /**
   * Files that were changed in the second in which they were taken. Git compares whole seconds: it sees what is written into them, and
   * which bit makes them executable, but no other change of their mode in that second.
   */
  racy: z.array(z.string()),
});
type Kept = z.infer<typeof keptSchema>;

/**
 * What the index stands for, from the last picture. Where it is not proven to belong to the index (a crash between the two, another work
 * tree), the index goes too, and the next picture is made from nothing: modes could not be known otherwise.
 */
export function keptPicture(shadow: Shadow): Omit<Kept, 'work_tree' | 'index'> | undefined {
  const path = join(shadow.home, 'picture.json');
  if (existsSync(path)) {
    const kept = keptSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    if (kept.work_tree === shadow.work_tree && sameIndex(kept.index, indexOf(shadow))) return kept;
    rmSync(path);
  }
  rmSync(shadow.index, { force: true });
  return undefined;
}

export function keepPicture(shadow: Shadow, picture: Omit<Kept, 'work_tree' | 'index'>): void {
  const kept: Kept = { work_tree: shadow.work_tree, index: indexOf(shadow), ...picture };
  const path = join(shadow.home, 'picture.json');
  writeFileSync(`${path}.new`, JSON.stringify(kept), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function indexOf(shadow: Shadow): Kept['index'] {
  const found = statSync(shadow.index, { throwIfNoEntry: false });
  return { size: found?.size ?? 0, modified_ms: found?.mtimeMs ?? 0 };
}

function sameIndex(left: Kept['index'], right: Kept['index']): boolean {
  return left.size === right.size && left.modified_ms === right.modified_ms;
}
