import type { Change, Changes, Entry } from './types.ts';

/** What several turns did together to one path: how it was before the first of them, and how the last left it. */
export interface PathPlan {
  readonly path: string;
  readonly to: Entry | null;
  readonly from: Entry | null;
  /** Between two of the turns somebody else changed it. */
  readonly broken: boolean;
}

export interface RestorePlan {
  readonly paths: readonly PathPlan[];
  /** Folders that the turns made, and those that they filled or took away. */
  readonly made_folders: readonly string[];
  readonly gone_folders: readonly string[];
}

/** The way back over these turns, oldest first. */
export function mergeChanges(
  turns: readonly Pick<Changes, 'changes' | 'made_folders' | 'gone_folders'>[],
): RestorePlan {
  const paths = new Map<string, PathPlan>();
  const made = new Set<string>();
  const gone = new Set<string>();
  for (const turn of turns) {
    for (const change of turn.changes) paths.set(change.path, after(paths.get(change.path), change));
  }
  for (const turn of turns.toReversed()) {
    for (const folder of turn.made_folders) if (!gone.delete(folder)) made.add(folder);
    for (const folder of turn.gone_folders) if (!made.delete(folder)) gone.add(folder);
  }
  const changed = [...paths.values()].filter((plan) => plan.broken || !sameEntry(plan.from, plan.to));
  return { paths: changed, made_folders: [...made], gone_folders: [...gone] };
}

function after(earlier: PathPlan | undefined, change: Change): PathPlan {
  const broken = earlier !== undefined && (earlier.broken || !sameEntry(earlier.from, change.before));
  return {
    path: change.path,
    to: earlier === undefined ? change.before : earlier.to,
    from: change.after,
    broken,
  };
}

export function sameEntry(left: Entry | null, right: Entry | null): boolean {
  if (left === null || right === null) return left === right;
  return left.kind === right.kind && left.id === right.id && left.mode === right.mode;
}
