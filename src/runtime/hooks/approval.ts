import type { CallState } from '../fold/call-state.ts';
import { callInput } from './guard-call.ts';
import { runHooks } from './run-hooks.ts';
import type { Called } from './tool-results.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Milliseconds that an interrupted run waits for those who are told of it. */
const AFTER_INTERRUPT_MS = 5_000;

/** Tells `on_tool_approval_decision` hooks what was decided about a call, and by whom; its end is awaited, and changes nothing. */
export async function approvalDecided(called: Called): Promise<void> {
  const { context, run, call, tool, args } = called;
  const said = decidedBy(call, run.interrupted_by !== undefined);
  if (said === undefined) return;
  const isCanceled = said.decision === 'canceled';
  if (called.signal.aborted && !isCanceled) return;
  const signal = isCanceled ? AbortSignal.timeout(AFTER_INTERRUPT_MS) : called.signal;
  await unlessAborted(signal, () =>
    runHooks(context, run, {
      event: 'on_tool_approval_decision',
      subject: call.call.id,
      input: {
        ...callInput(call, tool, args),
        approval_decision: said.decision,
        approval_source: said.source,
      },
      tool_call_id: call.call.id,
      signal,
    }),
  );
}

const ANSWERS: Readonly<Record<string, string>> = {
  approve: 'user_approved',
  approve_tool: 'user_approved_tool',
  approve_session: 'user_approved_session',
  reject: 'user_rejected',
};

/** In the peer's words where it has some (reference/docker-agent.md 7.4), and always the true ones. Undefined: nothing is decided. */
function decidedBy(
  { decision, decided_by, answer, done }: CallState,
  isInterrupted: boolean,
): { decision: 'allow' | 'deny' | 'canceled'; source: string } | undefined {
  if (decision === undefined) return undefined;
  if (answer !== undefined) {
    const source = ANSWERS[answer.decision] ?? answer.decision;
    if (answer.decision === 'reject') return { decision: 'deny', source };
    // A deny that came after the yes.
    return done ? { decision: 'deny', source: 'session_permissions_deny' } : { decision: 'allow', source };
  }
  if (decision === 'ask') {
    if (done) return { decision: 'deny', source: 'nobody_answered' };
    return isInterrupted ? { decision: 'canceled', source: 'context_canceled' } : undefined;
  }
  return { decision, source: sourceOf(decision, decided_by) };
}

function sourceOf(decision: 'allow' | 'deny', by: CallState['decided_by']): string {
  const { source = '', layer = 'session' } = by ?? {};
  const place = layer.startsWith('chain:') ? 'team' : layer;
  switch (source) {
    case 'deny_rule':
    case 'rule':
    case 'approval':
      return `${place}_permissions_${decision}`;
    case 'guard':
      return `pre_tool_use_hook_${decision}`;
    case 'permission_request':
      return `permission_request_hook_${decision}`;
    case 'safe':
      return 'readonly_hint';
    case 'mode':
      return decision === 'allow' ? 'yolo' : 'restricted';
    default:
      return source;
  }
}
