import { setTimeout as delay } from 'node:timers/promises';
import { readProcessTable, type ProcessEntry, type ProcessTable } from './process-table.ts';

/** The variable by which a command's processes are known, wherever they went. */
export const COMMAND_TAG = 'YONDER_COMMAND_ID';

/** A command's processes: those of its group, those that carry its tag, and their children. Without a tag: the group. */
export interface ProcessTree {
  /** The tag's value, without a space. A command that is started inside a command carries both, space-separated. */
  readonly tag?: string | undefined;
  /** The group that it was started in; absent when only the tag is known. */
  readonly group?: number | undefined;
  /** That the group's first process has not been waited for yet, so that its number cannot mean another one. */
  readonly groupIsCertain?: (() => boolean) | undefined;
}

/** The value of COMMAND_TAG for a command that is started by a process with this environment. */
export function nestTag(tag: string, env: Readonly<Record<string, string | undefined>>): string {
  const outer = env[COMMAND_TAG];
  return outer === undefined || outer === '' ? tag : `${outer} ${tag}`;
}

/** The living processes of the tree. One that left the group, dropped the environment and lost its parent is not found. */
export function findTree(
  tree: ProcessTree,
  table: ProcessTable = readProcessTable(),
): readonly ProcessEntry[] {
  const living = table.entries.filter((entry) => !entry.zombie && entry.pid !== process.pid);
  const found = new Map<number, ProcessEntry>();
  const { tag } = tree;
  const carriesTag = (value: string) => tag !== undefined && value.split(' ').includes(tag);
  for (const entry of tag === undefined ? [] : living) {
    if (table.hasVariable(entry, COMMAND_TAG, carriesTag)) found.set(entry.pid, entry);
  }
  if (tree.group !== undefined && groupIsOurs(tree, tree.group, living, found)) {
    for (const entry of living) {
      if (entry.group === tree.group || entry.session === tree.group) found.set(entry.pid, entry);
    }
  }
  if (tag !== undefined) addDescendants(living, found);
  return [...found.values()];
}

/** The number of a group is free for others once its last process is gone; a stranger's leader lives and has no tag. */
function groupIsOurs(
  tree: ProcessTree,
  group: number,
  living: readonly ProcessEntry[],
  tagged: ReadonlyMap<number, ProcessEntry>,
): boolean {
  if (tree.groupIsCertain?.() === true) return true;
  const leader = living.find((entry) => entry.pid === group);
  return leader === undefined || tagged.has(leader.pid);
}

function addDescendants(living: readonly ProcessEntry[], found: Map<number, ProcessEntry>): void {
  for (let grew = true; grew;) {
    grew = false;
    for (const entry of living) {
      if (found.has(entry.pid) || !found.has(entry.parent)) continue;
      found.set(entry.pid, entry);
      grew = true;
    }
  }
}

export interface EndTreeOptions {
  /** Milliseconds between TERM and KILL. Default 1000. */
  readonly graceMs?: number;
  /** Milliseconds after KILL before giving up. Default 4000. */
  readonly deadlineMs?: number;
}

/**
 * Ends the tree: TERM, after the grace KILL, again and again until two looks in a row find nothing. Returns false when
 * something of it still lives at the deadline, e.g. a process of another user or one stuck in the kernel.
 */
export async function endTree(tree: ProcessTree, options: EndTreeOptions = {}): Promise<boolean> {
  const graceEnds = performance.now() + (options.graceMs ?? 1000);
  const deadline = graceEnds + (options.deadlineMs ?? 4000);
  const warned = new Set<number>();
  for (let pause = 2, clean = 0; ; pause = Math.min(pause * 2, 50)) {
    const members = findTree(tree);
    clean = members.length === 0 ? clean + 1 : 0;
    if (clean === 2) return true;
    const now = performance.now();
    if (now > deadline) return false;
    for (const { pid } of members) {
      if (now >= graceEnds) {
        signalProcess(pid, 'SIGKILL');
      } else if (!warned.has(pid)) {
        warned.add(pid);
        signalProcess(pid, 'SIGTERM');
        // A stopped process takes note of TERM only when it goes on.
        signalProcess(pid, 'SIGCONT');
      }
    }
    await delay(pause);
  }
}

/** Sends a signal to a process, or to a group when negative. False when there is none, or it is not ours to signal. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}
