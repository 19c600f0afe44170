import type { StopReason } from '../../protocol/events/run-events.ts';
import type { InputRow } from '../../protocol/store.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import type { ConversationState } from '../fold/state.ts';

export const EXTENSION = 10;
/** Share of the context window after which history is compacted (reference 7.6). */
const COMPACT_AT = 0.9;

export type CompactionReason = 'threshold' | 'overflow' | 'manual';

export type Step =
  | { kind: 'finish'; reason: StopReason }
  | { kind: 'fail'; code: 'loop_detected'; message: string }
  | { kind: 'calls'; calls: CallState[] }
  | { kind: 'snapshot' }
  | { kind: 'take'; inputs: InputRow[] }
  | { kind: 'ask_limit' }
  | { kind: 'compact'; reason: CompactionReason }
  | { kind: 'call_model' }
  | { kind: 'shell' }
  | { kind: 'command' }
  | { kind: 'wait' };

export interface StepInput {
  run: RunState;
  conversation: ConversationState;
  agent: ResolvedAgent;
  /** Untaken steers and follow-ups of this session, in order. */
  steers: InputRow[];
  followUps: InputRow[];
  paused: boolean;
  /** The workspace was kept before this turn's calls, and what they did to it is not recorded yet. */
  snapshot_open: boolean;
  /** A question of this run waits for its answer. */
  asking: boolean;
  /** It will have none: nobody can give it, or nobody did in time. */
  nobody_answers: boolean;
  /** Estimated tokens that were added since the last model call. */
  added_tokens: number;
  /** Whether this call may run beside others. */
  isParallel: (call: CallState) => boolean;
  /** The limit of this run, or of one above it, is reached. */
  at_limit: boolean;
  /** Somebody said that this run, or one above it, is not to go on. */
  told_to_stop: boolean;
}

/** What a run does next, from nothing but the log and the inbox: the same before and after a crash (R23). */
export function nextStep(input: StepInput): Step {
  const { run } = input;
  // What a tool asked for is driven by that tool.
  const open = [...run.calls.values()].filter((call) => !call.done && call.caller === undefined);
  const isOver = run.failed !== undefined || run.interrupted_by !== undefined || open.length === 0;
  if (input.snapshot_open && isOver) return { kind: 'snapshot' };
  if (run.failed !== undefined)
    return { kind: 'finish', reason: run.failed.code === 'loop_detected' ? 'loop_detected' : 'error' };
  if (run.interrupted_by !== undefined) return { kind: 'finish', reason: 'canceled' };
  if (run.shell !== undefined) return run.shell.ended ? atStop(input) : { kind: 'shell' };
  if (open.length > 0)
    return input.paused ? { kind: 'wait' } : { kind: 'calls', calls: group(open, input.isParallel) };
  if (run.hook_stop !== undefined) return { kind: 'finish', reason: 'hook_blocked' };
  if (run.command !== undefined) return { kind: input.paused ? 'wait' : 'command' };
  if (run.answered && run.calls.size === 0) return atStop(input);
  return beforeModelCall(input);
}

/** The longest run of calls that may go side by side, or the first call alone. */
function group(open: CallState[], isParallel: StepInput['isParallel']): CallState[] {
  const sorted = open.toSorted((left, right) => left.index - right.index);
  const end = sorted.findIndex((call) => !isParallel(call));
  if (end === -1) return sorted;
  return sorted.slice(0, Math.max(1, end));
}

function atStop(input: StepInput): Step {
  if (input.paused) return { kind: 'wait' };
  if (input.steers.length > 0) return { kind: 'take', inputs: input.steers };
  const [followUp] = input.followUps;
  if (followUp !== undefined) return { kind: 'take', inputs: [followUp] };
  return { kind: 'finish', reason: 'normal' };
}

function beforeModelCall(input: StepInput): Step {
  const { run, agent, conversation } = input;
  if (input.paused) return { kind: 'wait' };
  if (run.compaction_only) return run.compacted ? atStop(input) : { kind: 'compact', reason: 'manual' };
  if (run.batch_repeats >= agent.max_consecutive_tool_calls && run.calls.size > 0) {
    return {
      kind: 'fail',
      code: 'loop_detected',
      message: `the model made the same tool calls ${run.batch_repeats} times in a row; the run was stopped`,
    };
  }
  if (input.steers.length > 0) return { kind: 'take', inputs: input.steers };
  if (input.asking) {
    return input.nobody_answers ? { kind: 'finish', reason: 'max_iterations' } : { kind: 'wait' };
  }
  if (input.told_to_stop) return { kind: 'finish', reason: 'max_iterations' };
  const cut = run.attempts > 0;
  if (!cut && input.at_limit) return { kind: 'ask_limit' };
  // Cut in the middle: for the reason that it had.
  if (run.compacting !== undefined) return { kind: 'compact', reason: run.compacting };
  // What did not help, or failed, is not tried again before the model has said something.
  if (!cut && !run.compacted && isFull(conversation, input.added_tokens))
    return { kind: 'compact', reason: 'threshold' };
  return { kind: 'call_model' };
}

function isFull(conversation: ConversationState, added: number): boolean {
  const { context_length, context_limit } = conversation.usage;
  return context_limit > 0 && context_length > 0 && context_length + added > context_limit * COMPACT_AT;
}
