import type { StopReason } from '../../protocol/events/run-events.ts';
import type { Unattended } from '../../protocol/permissions.ts';
import type { RunSkill } from '../../protocol/skills.ts';
import type { CallState } from './call-state.ts';
import type { ConversationState } from './state.ts';

/** A run, folded from its events. Whatever the next step depends on stands here (R23). */
export interface RunState {
  run_id: string;
  session_id: string;
  parent: { session_id: string; tool_call_id: string } | undefined;
  agent_name: string;
  first_seq: number;
  /** Who sent the input that began it; of a sub-agent's run nobody. */
  started_by: string | undefined;
  unattended: Unattended | undefined;
  max_iterations: number;
  /** How often the limit was raised, and of these how often without a person. */
  extensions: number;
  own_extensions: number;
  turn: number;
  /** Turns of this run and of all runs below it. */
  tree_turns: number;
  /** The model call that is under way; undefined once its message is recorded. */
  calling: { message_id: string; attempt: number; model: string; purpose: string } | undefined;
  /** Attempts of this turn so far. */
  attempts: number;
  /** Models that failed in this turn, and who should have answered it. */
  failed_models: string[];
  primary_model: string | undefined;
  /** Set when the primary failed for good: how long it is left alone once another has answered. */
  cooldown_ms: number | undefined;
  calls: Map<string, CallState>;
  /** The turn's message is recorded; without calls this is where a run may stop. */
  answered: boolean;
  batch_key: string;
  batch_repeats: number;
  compacting: 'threshold' | 'overflow' | 'manual' | undefined;
  /** Compactions after an overflow; one is allowed (reference 7.6). */
  overflow_compactions: number;
  /** A run that a person asked for only to compact; `compacted` when one was done, or tried, since the model's last message. */
  compaction_only: boolean;
  compacted: boolean;
  instruction: string | undefined;
  /** Digests of the system parts that the run began with (R13, R22). */
  system: string[] | undefined;
  /** A run that a person asked for only to run a command; undefined where it became a run of the agent. */
  shell: { command: string; command_id: string | undefined; ended: boolean } | undefined;
  /** A team's command that a person invoked, until the message that it stands for is recorded; the results of its calls by index. */
  command:
    | {
        name: string;
        arguments: readonly string[];
        by: string;
        results: string[];
        is_skill: boolean;
        /** Of a prompt of an MCP server: what it was given. */
        prompt: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  /** The skill that it works by: a sub-agent that was started for one, or a person's `/name`. */
  skill: RunSkill | undefined;
  interrupted_by: string | undefined;
  failed: { code: string; message: string } | undefined;
  stop_after_question: boolean;
  refused: number;
  /** How often the conversation changed hands, and to whom it goes at the end of this turn's calls. */
  handoffs: number;
  handed_to: string | undefined;
  /** Recoveries since the last newly recorded step (R11). */
  recoveries: number;
  /** Runs of hooks by key, and digests of their scripts by path when the run began (R14, R17). */
  hooks: Map<string, HookRun>;
  hook_scripts: Readonly<Record<string, string>> | undefined;
  /** A hook's words for why the run is to end. */
  hook_stop: string | undefined;
  /** Summaries that this run made, and how often `stop` hooks gave it more to do. */
  compactions: number;
  given_more: number;
  /** The agent that handed the conversation over last. */
  handed_by: string | undefined;
  stopped: StopReason | undefined;
}

/** One run of a hook, as far as the log knows it (R14). */
export interface HookRun {
  invocation_id: string;
  attempt: number;
  /** Undefined while it runs, or where it was cut. */
  finished: FinishedHook | undefined;
}

export interface FinishedHook {
  output: Readonly<Record<string, unknown>>;
  output_digest: string | undefined;
  failure: string | undefined;
  fatal: boolean;
}

export function newRun(
  run_id: string,
  owner: ConversationState,
  agent_name: string,
  first_seq: number,
): RunState {
  return {
    run_id,
    session_id: owner.session_id,
    parent: owner.parent,
    agent_name,
    first_seq,
    started_by: undefined,
    unattended: undefined,
    max_iterations: 0,
    extensions: 0,
    own_extensions: 0,
    turn: 0,
    tree_turns: 0,
    calling: undefined,
    attempts: 0,
    failed_models: [],
    primary_model: undefined,
    cooldown_ms: undefined,
    calls: new Map(),
    answered: false,
    batch_key: '',
    batch_repeats: 0,
    compacting: undefined,
    overflow_compactions: 0,
    compaction_only: false,
    compacted: false,
    instruction: undefined,
    system: undefined,
    shell: undefined,
    command: undefined,
    skill: undefined,
    interrupted_by: undefined,
    failed: undefined,
    stop_after_question: false,
    refused: 0,
    handoffs: 0,
    handed_to: undefined,
    recoveries: 0,
    hooks: new Map(),
    hook_scripts: undefined,
    hook_stop: undefined,
    compactions: 0,
    given_more: 0,
    handed_by: undefined,
    stopped: undefined,
  };
}
