import type { RunState } from '../../fold/run-state.ts';
import { conversationOf, event, type LoopContext } from '../../loop/context.ts';
import type { CompactionReason } from '../../loop/next-step.ts';
import { fail } from '../../loop/report.ts';
import { YonderError } from '../../../protocol/errors.ts';
import { hasHooks } from './has-hooks.ts';
import { hear, tell } from './tell.ts';

const SOURCES = { threshold: 'auto', overflow: 'overflow', manual: 'manual' } as const;

/** What hooks say about a compaction: text for the summary's prompt, or the summary itself. `no`: there is none. */
export type Guided = { kind: 'go'; context: string; summary: string | undefined } | { kind: 'no' };

/** Asks `pre_compact` and `before_compaction` hooks; where one says no, that is recorded and nothing is compacted. */
export async function beforeCompaction(
  context: LoopContext,
  run: RunState,
  reason: CompactionReason,
  signal: AbortSignal,
): Promise<Guided> {
  if (!hasHooks(context)) return { kind: 'go', context: '', summary: undefined };
  const { usage } = conversationOf(context, run);
  const subject = `${run.turn}/${run.compactions}`;
  const first = { event: 'pre_compact', subject, input: { source: SOURCES[reason] }, signal } as const;
  const asked = await hear(context, run, first);
  if (asked === undefined) return { kind: 'no' };
  if (asked.blocked !== undefined) return refused(context, run, reason, first.event, asked.blocked);
  const second = {
    event: 'before_compaction',
    subject,
    input: {
      input_tokens: usage.input_tokens,
      output_tokens: usage.output_tokens,
      context_limit: usage.context_limit,
      compaction_reason: reason,
    },
    signal,
  } as const;
  const judged = await hear(context, run, second);
  if (judged === undefined) return { kind: 'no' };
  if (judged.blocked !== undefined) return refused(context, run, reason, second.event, judged.blocked);
  return {
    kind: 'go',
    context: asked.context.map(({ text }) => text).join('\n\n'),
    summary: judged.summary,
  };
}

/** At the threshold the run goes on without it; where the model cannot go on, or nothing else was asked for, it ends. */
async function refused(
  context: LoopContext,
  run: RunState,
  reason: CompactionReason,
  hook_event: string,
  { message, hook }: { message: string; hook: { source: string } },
): Promise<{ kind: 'no' }> {
  await context.log.append({
    events: [
      event('hook_blocked', run, { message, hook_event, hook: hook.source, stops: reason === 'manual' }),
      event('session_compaction', run, { status: 'failed', reason }),
    ],
  });
  if (reason === 'overflow') {
    const words = `the conversation is too long for the model, and the hook ${hook.source} keeps it from being summarised: ${message}`;
    await fail(context, run, new YonderError('context_exceeded', words));
  }
  return { kind: 'no' };
}

/** Tells `after_compaction` hooks of a summary that is recorded. */
export async function afterCompaction(
  context: LoopContext,
  run: RunState,
  reason: CompactionReason,
  before: { input_tokens: number; output_tokens: number; context_limit: number },
  signal: AbortSignal,
): Promise<void> {
  await tell(context, run, {
    event: 'after_compaction',
    subject: String(run.compactions),
    input: {
      ...before,
      compaction_reason: reason,
      summary: conversationOf(context, run).summary ?? '',
    },
    signal,
  });
}
