import type { EventDraft } from '../../protocol/store.ts';
import type { Tool } from '../../tools/tool.ts';
import { countsWithinPolicy, decide } from '../decisions/fold.ts';
import type { Decision, DecisionInput } from '../decisions/types.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { event, type LoopContext } from '../loop/context.ts';
import { callInput, guardCall } from './guard-call.ts';
import { verdictsOf } from './outcome.ts';
import { hooksFor, runHook } from './run-hooks.ts';

type Args = Record<string, unknown>;

interface Judging {
  context: LoopContext;
  run: RunState;
  call: CallState;
  tool: Tool;
  signal: AbortSignal;
  /** What is known of a call with these arguments; `refusal` where it could not be made at all. */
  read(args: Args): Promise<DecisionInput | { refusal: string }>;
}

export interface Judged {
  input: DecisionInput;
  decision: Decision;
  /** Final, as hooks rewrote them. */
  args: Args;
  isRewritten: boolean;
  /** What is said where a hook was the one to say no. */
  blocked: EventDraft[];
}

/** The decision about a call with its guards heard (R8, R26), and where a person would be asked, with the hooks that may answer instead. */
export async function judgeWithHooks(judging: Judging, asked: Args): Promise<Judged | { refusal: string }> {
  const { context, run, call, tool, read } = judging;
  const input = await read(asked);
  if ('refusal' in input) return input;
  const plain: Judged = { input, decision: decide(input), args: asked, isRewritten: false, blocked: [] };
  // No guard is stronger than a deny rule, so none needs to look.
  if (plain.decision.source === 'deny_rule') return plain;
  const hooks = hooksFor(context, run, 'pre_tool_use', tool.definition.name);
  const guarded = hooks.length === 0 ? plain : await withGuards(judging, plain);
  if ('refusal' in guarded) return guarded;
  const decision = await answerInstead(judging, guarded);
  if (decision.decision !== 'deny' || !isOfHook(decision)) return { ...guarded, decision };
  const blocked = event('hook_blocked', run, {
    tool_call: call.call,
    tool_definition: { name: tool.definition.name },
    message: decision.reason,
    ...(decision.rule === undefined ? {} : { hook: decision.rule }),
  });
  return { ...guarded, decision, blocked: [blocked] };
}

/** A hook said so, and no rule, mode or person. */
export function isOfHook({ source }: Decision): boolean {
  return source === 'guard' || source === 'permission_request';
}

async function withGuards(judging: Judging, plain: Judged): Promise<Judged | { refusal: string }> {
  const isDenied = async (args: Args): Promise<boolean> => {
    const input = await judging.read(args);
    return 'refusal' in input || decide(input).source === 'deny_rule';
  };
  const { args, isRewritten, guards } = await guardCall({ ...judging, isDenied }, plain.args);
  const input = isRewritten ? await judging.read(args) : plain.input;
  if ('refusal' in input) return input;
  const heard = { ...input, guards };
  return { input: heard, decision: decide(heard), args, isRewritten, blocked: [] };
}

/** `permission_request` hooks answer what a person would be asked, unless only a person may (R8). */
async function answerInstead(judging: Judging, { input, decision, args }: Judged): Promise<Decision> {
  const { context, run, call, tool, signal } = judging;
  if (decision.decision !== 'ask' || decision.required || input.mode === 'restricted') return decision;
  let allow: Decision | undefined;
  for (const hook of hooksFor(context, run, 'permission_request', tool.definition.name)) {
    const result = await runHook(context, run, hook, {
      event: 'permission_request',
      subject: call.call.id,
      input: callInput(call, tool, args),
      tool_call_id: call.call.id,
      signal,
    });
    const [verdict] = verdictsOf(result);
    if (verdict === undefined || verdict.verdict === 'ask') continue;
    const from = { required: false, rule: verdict.source, layer: verdict.layer } as const;
    if (verdict.verdict === 'deny') {
      const reason = verdict.reason ?? `deny by ${verdict.source}`;
      return { ...from, decision: 'deny', source: 'permission_request', reason };
    }
    if (allow === undefined && countsWithinPolicy(input, verdict.layer)) {
      const reason = verdict.reason ?? `allowed by ${verdict.source}`;
      allow = { ...from, decision: 'allow', source: 'permission_request', reason };
    }
  }
  return allow ?? decision;
}
