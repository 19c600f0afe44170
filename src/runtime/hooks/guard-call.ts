import { canonicalJson } from '../../protocol/canonical-json.ts';
import { sha256 } from '../../process/digest.ts';
import type { Tool } from '../../tools/tool.ts';
import type { GuardVerdict } from '../decisions/types.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LoopContext } from '../loop/context.ts';
import { verdictsOf } from './outcome.ts';
import { hooksFor, runHook, type Moment } from './run-hooks.ts';
import type { HookResult, StandingHook } from './types.ts';

type Args = Record<string, unknown>;

export interface Guarded {
  /** The final arguments, right by the tool's schema. */
  args: Args;
  /** They are not those of the call. */
  isRewritten: boolean;
  guards: GuardVerdict[];
}

/** A call on its way to a decision. */
interface Guarding {
  context: LoopContext;
  run: RunState;
  call: CallState;
  tool: Tool;
  signal: AbortSignal;
  /** Whether a deny rule speaks of these arguments; the decision itself says so then. */
  isDenied(args: Args): Promise<boolean>;
}

/**
 * The `pre_tool_use` guards of a call, in configuration order, each on the arguments as rewritten so far. After a rewrite the arguments are checked
 * against the tool's schema and the deny rules, and the guards that saw others see them once more, where a rewrite is a deny; there is no third
 * round (R26). A guard that could not look is a deny.
 */
export async function guardCall(guarding: Guarding, args: Args): Promise<Guarded> {
  const { context, run, tool } = guarding;
  const hooks = hooksFor(context, run, 'pre_tool_use', tool.definition.name);
  const first = await firstRound(guarding, hooks, args);
  if (isDeny(first.guards.flat()) || first.lastRewrite <= 0) return guardedBy(first, args);
  if (await guarding.isDenied(first.args)) return guardedBy(first, args);
  for (const [index, hook] of hooks.slice(0, first.lastRewrite).entries()) {
    const result = await look(guarding, hook, first.args, 2);
    const again = rewriteOf(result, first.args);
    // What it said of other arguments is no longer said.
    first.guards[index] =
      again === undefined
        ? verdictsOf(result)
        : [denial(hook, 'it rewrote the arguments again after another hook had (it had its turn, R26)')];
    if (isDeny(first.guards[index])) break;
  }
  return guardedBy(first, args);
}

interface Round {
  args: Args;
  /** Index of the last hook that rewrote; -1: none did. */
  lastRewrite: number;
  /** By hook. */
  guards: GuardVerdict[][];
}

async function firstRound(guarding: Guarding, hooks: readonly StandingHook[], args: Args): Promise<Round> {
  const round: Round = { args, lastRewrite: -1, guards: [] };
  for (const [index, hook] of hooks.entries()) {
    const result = await look(guarding, hook, round.args, 1);
    const verdicts = verdictsOf(result);
    round.guards.push(verdicts);
    if (isDeny(verdicts)) break;
    const rewritten = rewriteOf(result, round.args);
    if (rewritten === undefined) continue;
    const parsed = guarding.tool.parse(JSON.stringify(rewritten));
    if (!parsed.ok) {
      round.guards[index] = [denial(hook, `it rewrote the arguments into wrong ones: ${parsed.message}`)];
      break;
    }
    round.args = parsed.args;
    round.lastRewrite = index;
  }
  return round;
}

function look(
  { context, run, call, tool, signal }: Guarding,
  hook: StandingHook,
  args: Args,
  round: number,
): Promise<HookResult> {
  return runHook(context, run, hook, {
    event: 'pre_tool_use',
    // What a hook said of other arguments is no answer about these.
    subject: `${call.call.id}/${round}/${sha256(canonicalJson(args)).slice(0, 16)}`,
    input: callInput(call, tool, args),
    tool_call_id: call.call.id,
    signal,
  } satisfies Moment);
}

/** The fields of an event about a call. */
export function callInput(call: CallState, tool: Tool, args: Args): Record<string, unknown> {
  return { tool_name: tool.definition.name, tool_use_id: call.call.id, tool_input: args };
}

/** The arguments with what the hook changes laid over them; undefined where nothing changes. */
function rewriteOf({ output, blocked }: HookResult, args: Args): Args | undefined {
  const updated = output.hook_specific_output?.updated_input;
  if (updated === undefined || blocked !== undefined) return undefined;
  const next = { ...args, ...updated };
  return canonicalJson(next) === canonicalJson(args) ? undefined : next;
}

function denial(hook: StandingHook, reason: string): GuardVerdict {
  return { verdict: 'deny', source: hook.source, layer: hook.layer, reason };
}

function isDeny(verdicts: readonly GuardVerdict[]): boolean {
  return verdicts.some(({ verdict }) => verdict === 'deny');
}

function guardedBy({ args, guards }: Round, before: Args): Guarded {
  return { args, isRewritten: args !== before, guards: guards.flat() };
}
