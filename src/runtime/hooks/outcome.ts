import type { GuardVerdict } from '../decisions/types.ts';
import type { HookOutcome, HookOutput, HookResult, StandingHook } from './types.ts';

/** What a finished run of a hook means: whether it blocks, and with which words. */
export function resultOf(
  hook: StandingHook,
  { output, failure, fatal }: { output: HookOutput; failure: string | undefined; fatal: boolean },
): HookResult {
  return { hook, output, failure, isFatal: fatal, blocked: blockedBy(hook, output, failure, fatal) };
}

function blockedBy(
  hook: StandingHook,
  output: HookOutput,
  failure: string | undefined,
  fatal: boolean,
): string | undefined {
  if (failure !== undefined) {
    // A guard that could not look has not said yes; what it guards is not done.
    const isClosed = fatal && hook.event === 'pre_tool_use';
    return isClosed || hook.definition.on_error === 'block' ? failure : undefined;
  }
  if (output.decision === 'block') return output.reason ?? 'it gave no reason';
  if (output.continue === false) return output.stop_reason ?? output.reason ?? 'it gave no reason';
  return undefined;
}

/** Joins the results of one event, which stand in configuration order: the first rewrite wins, all context counts. */
export function outcomeOf(results: readonly HookResult[]): HookOutcome {
  const stopped = results.find(({ blocked }) => blocked !== undefined);
  const first = <Field extends keyof Specific>(field: Field): Specific[Field] | undefined =>
    results.find(({ output }) => output.hook_specific_output?.[field] !== undefined)?.output
      .hook_specific_output?.[field];
  return {
    ran: results.length,
    blocked: stopped?.blocked === undefined ? undefined : { message: stopped.blocked, hook: stopped.hook },
    guards: results.flatMap(verdictsOf),
    context: results.flatMap(({ hook, output }) => {
      const text = output.hook_specific_output?.additional_context;
      return text === undefined || text === '' ? [] : [{ text, source: hook.source }];
    }),
    updated_input: first('updated_input'),
    updated_tool_response: first('updated_tool_response'),
    updated_messages: first('updated_messages'),
    summary: first('summary'),
    results,
  };
}

type Specific = NonNullable<HookOutput['hook_specific_output']>;

/** The verdict of a hook about a call; an allow of one that may not allow is none. */
export function verdictsOf({ hook, output, blocked }: HookResult): GuardVerdict[] {
  const from = { source: hook.source, layer: hook.layer };
  if (blocked !== undefined) return [{ ...from, verdict: 'deny', reason: blocked }];
  const { permission_decision: verdict, permission_decision_reason: reason } =
    output.hook_specific_output ?? {};
  if (verdict === undefined || (verdict === 'allow' && !hook.mayAllow)) return [];
  return [{ ...from, verdict, ...(reason === undefined ? {} : { reason }) }];
}
