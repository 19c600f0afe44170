import type { RunState } from '../../fold/state.ts';
import type { LoopContext } from '../../loop/context.ts';
import type { HookInput, HookOutput, StandingHook } from '../types.ts';

/** What a hook of this program sees beside its input; what it reads, it reads through the workspace (R17). */
export interface BuiltinContext {
  context: LoopContext;
  run: RunState;
  /** The name and arguments of the team file are in its definition. */
  hook: StandingHook;
  /** Aborts when the run is cut, or the hook's time is over. */
  signal: AbortSignal;
}

/** A hook of this program: from an event's input to an answer. What it throws counts as its failure. */
export type Builtin = (input: HookInput, context: BuiltinContext) => Promise<HookOutput>;

/** The hook of that name, loaded when it is first needed; undefined for one that is not built. */
export async function builtinHook(name: string): Promise<Builtin | undefined> {
  return BUILTINS[name]?.();
}

const BUILTINS: Readonly<Record<string, () => Promise<Builtin>>> = {};
