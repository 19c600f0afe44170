import { posix } from 'node:path';
import type { RunState } from '../fold/run-state.ts';
import { event, type LoopContext } from '../loop/context.ts';
import { scriptWords } from './command-line.ts';
import { allHooks } from './resolve.ts';
import type { StandingHook } from './types.ts';

/**
 * Records what the scripts of hooks in the workspace are when a run begins (R17): the agent that they watch can write there. A run of a
 * sub-agent has those of the run that it belongs to.
 */
export async function pinScripts(context: LoopContext, run: RunState): Promise<void> {
  if (run.parent !== undefined || run.hook_scripts !== undefined) return;
  const paths = new Set(allHooks(context).flatMap((hook) => scriptPaths(hook, context)));
  if (paths.size === 0) return;
  const scripts: Record<string, string> = {};
  for (const path of paths) {
    const digest = await digestAt(context, path);
    if (digest !== undefined) scripts[path] = digest;
  }
  await context.log.append({
    step_id: `${run.run_id}/hooks`,
    events: [event('hooks_pinned', run, { scripts })],
  });
}

/** The words for a script that is not what it was when the run began; undefined where each is. */
export async function changedScript(context: LoopContext, hook: StandingHook): Promise<string | undefined> {
  const root = context.log.state.conversations.get(context.log.root_id);
  const pinned = (root?.run ?? root?.last_run)?.hook_scripts;
  // No run has begun, so nothing that a hook watches has acted.
  if (pinned === undefined) return undefined;
  for (const path of scriptPaths(hook, context)) {
    const known = pinned[path];
    const digest = await digestAt(context, path);
    if (digest === known) continue;
    const what =
      known === undefined
        ? 'was not there'
        : digest === undefined
          ? 'is gone, and was there'
          : 'is not what it was';
    return `its script ${path} ${what} when the run began, so it was not run`;
  }
  return undefined;
}

/**
 * Where a command hook's scripts may be that tools can write: relative to the workspace, or absolute in a folder that was added to it; those that govern
 * in R13's sense.
 */
export function scriptPaths(
  { definition }: StandingHook,
  { working_dir: root, settings }: Pick<LoopContext, 'working_dir' | 'settings'>,
): string[] {
  const { type = 'command', working_dir = '.' } = definition;
  if (type !== 'command') return [];
  const added = settings.runtime_config?.add_dirs ?? [];
  return scriptWords(definition).flatMap((word) => {
    const path = posix.resolve(root, working_dir, word);
    if (isBelow(root, path)) return [posix.relative(root, path)];
    return added.some((folder) => isBelow(posix.resolve(root, folder), path)) ? [path] : [];
  });
}

function isBelow(folder: string, path: string): boolean {
  const way = posix.relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith('../');
}

/** Undefined for what is no file of the workspace. */
async function digestAt(context: LoopContext, path: string): Promise<string | undefined> {
  const workspace = await context.workspace();
  try {
    return (await workspace.readFile(path, { digest: true })).digest;
  } catch {
    // Not there, a folder, or a program outside of the workspace, which no tool can write.
    return undefined;
  }
}
