import type { RunState } from '../../fold/run-state.ts';
import { event, type LoopContext } from '../../loop/context.ts';
import { DEFAULT_TIMEOUT_S } from '../command-end.ts';
import type { HookInput, HookOutput, StandingHook } from '../types.ts';
import { findBuiltin } from './builtins.ts';

/** What a hook of this program sees beside its input; what it reads, it reads through the workspace (R17). */
export interface BuiltinContext {
  context: LoopContext;
  run: RunState;
  /** The name and arguments of the team file are in its definition. */
  hook: StandingHook;
  /** Aborts when the run is cut, or the hook's time is over. */
  signal: AbortSignal;
}

/** Runs a hook of this program: from an event's input to an answer. What it throws counts as its failure. */
export async function runBuiltin(
  input: HookInput,
  { context, run, hook, signal }: BuiltinContext,
): Promise<HookOutput> {
  const { command = '', args = [], timeout = DEFAULT_TIMEOUT_S } = hook.definition;
  return findBuiltin(command)({
    args,
    input,
    workspace: () => context.workspace(),
    working_dir: context.working_dir,
    platform: context.platform,
    now: context.now(),
    named_files: context.team.named_files,
    http: (request) => context.http(request),
    clean: (text) => context.log.clean(text),
    keepSnapshots: () => keepSnapshots(context, run),
    timeout_ms: timeout * 1000,
    signal,
  });
}

/** As `--snapshots` would have said. Throws where there is no git on this Host. */
async function keepSnapshots(context: LoopContext, run: RunState): Promise<void> {
  if (context.log.state.history.on) return;
  (await context.snapshots()).program();
  await context.log.append({ events: [event('settings_changed', run, { snapshots: true, by: 'hook' })] });
}
