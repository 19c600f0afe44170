import type { StopReason } from '../../protocol/events/run-events.ts';
import type { SessionBounds } from '../../protocol/bounds.ts';
import type { PendingInteraction } from '../../protocol/interaction.ts';
import type { ContentPart, Message, ToolCall, Usage } from '../../protocol/message.ts';
import { noSpending, type Spending } from './spending.ts';
import type { RunSkill } from '../../protocol/skills.ts';
import type { PermissionRules, Safety, Unattended } from '../../protocol/permissions.ts';
import { emptyHistory, type HistoryState } from './history.ts';
import type { SessionSource } from './moments.ts';

/** One tool call of the turn that is under way, as far as the log knows it. */
export interface CallState {
  call: ToolCall;
  index: number;
  /** The arguments as hooks rewrote them, as JSON; undefined: those of the call (R26). */
  rewritten: string | undefined;
  /** `command`: of a command that a person invoked; `tool`: of the tool of another call, `caller`; else of the model. */
  source: 'command' | 'tool' | undefined;
  caller: string | undefined;
  decision: 'allow' | 'ask' | 'deny' | undefined;
  /** What decided, as the event says it. */
  decided_by: { source: string; layer: string | undefined } | undefined;
  /** The question about it, while or after it was asked. */
  request_id: string | undefined;
  /** Digest of the arguments that the question was about (R14). */
  arguments_digest: string | undefined;
  answer: { decision: string; reason?: string | undefined; by?: string | undefined } | undefined;
  started: boolean;
  /** What the call asked the person while it ran, in order (R15). */
  questions: CallQuestion[];
  command_id: string | undefined;
  child: { session_id: string; run_id: string } | undefined;
  done: boolean;
  /** What a tool that asked for the call was given, and is given again when it is run again (R23). */
  given: CallResult | undefined;
}

export interface CallResult {
  output: string;
  is_error?: boolean | undefined;
  parts?: readonly ContentPart[] | undefined;
}

/** A call that was asked for, and nothing more. */
export function newCall(
  call: ToolCall,
  index: number,
  source?: CallState['source'],
  caller?: string,
): CallState {
  return {
    call,
    index,
    rewritten: undefined,
    source,
    caller,
    decision: undefined,
    decided_by: undefined,
    request_id: undefined,
    arguments_digest: undefined,
    answer: undefined,
    started: false,
    questions: [],
    command_id: undefined,
    child: undefined,
    done: false,
    given: undefined,
  };
}

/** A form or an address that a call put to the person. */
export interface CallQuestion {
  request_id: string;
  held_by: 'step' | 'connection';
  /** Undefined while it waits. */
  answer: { decision: string; content?: unknown; reason?: string | undefined; outcome: string } | undefined;
}

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

/** One conversation of the tree: the root session or a sub-agent. */
export interface ConversationState {
  session_id: string;
  agent_name: string;
  parent: { session_id: string; tool_call_id: string } | undefined;
  /** Agents that handed this conversation over, each once; what they may not is not regained by that (R5). */
  handed_over: string[];
  messages: Message[];
  /** Index of the first message that is sent to the model as it is; what lies before stands in `summary`. */
  window_start: number;
  summary: string | undefined;
  /** Windows that summaries took the place of, oldest first: an undo goes back to them. */
  earlier_windows: { window_start: number; summary: string | undefined }[];
  /** Raised whenever messages are taken back. */
  revision: number;
  /** Of each toolset, by key (R24). */
  tool_state: Map<string, Map<string, unknown>>;
  /** The messages that came with the newest run. */
  inputs: { run_id: string; message_ids: Set<string> } | undefined;
  /** What each write to `tool_state` or `shared_state` took the place of, and the message that it came with. */
  state_writes: {
    at: number;
    map: Map<string, Map<string, unknown>>;
    toolset: string;
    key: string;
    had: boolean;
    value: unknown;
  }[];
  run: RunState | undefined;
  last_run: RunState | undefined;
  usage: {
    input_tokens: number;
    output_tokens: number;
    cost: number;
    context_length: number;
    context_limit: number;
  };
}

/** Everything that the log of one root session says. */
export interface LogState {
  root_id: string;
  head: number;
  conversations: Map<string, ConversationState>;
  pending: Map<string, PendingInteraction>;
  /** What became of questions, by request id. */
  resolved: Map<
    string,
    {
      outcome: string;
      by?: string | undefined;
      answer?: unknown;
      /** Which tool of a server it was about, and its definition. */
      tool?: { identity: string; digest: string } | undefined;
    }
  >;
  safety: Safety | undefined;
  /** What of its owner's policy binds it. */
  bounds: SessionBounds;
  /** When questions that wait were put first, in milliseconds since 1970. */
  asked_at: Map<string, number>;
  accept_edits: boolean;
  /** Rules of flags and answers of this session. */
  rules: PermissionRules;
  /** Chosen by `session/set_model`, by agent. */
  models: Map<string, string>;
  agent_name: string;
  title: string;
  paused: boolean;
  deleted: boolean;
  /** What was said of the place where tools act (R13). */
  runner: string | undefined;
  /** Interactions of the cassette that were played for recorded answers. */
  played: number[];
  /** Fallbacks that stand in for a primary, by agent and primary; `until` in milliseconds since 1970, by the log's times. */
  pins: Map<string, { model: string; until: number }>;
  /** Of each toolset, by key, for the whole tree (R24). */
  shared_state: Map<string, Map<string, unknown>>;
  /** A person asked for the end of the background jobs, and it has not come yet. */
  stop_jobs: boolean;
  /** Digests of tool definitions by `toolset/tool` (R16). */
  tools: Map<string, string>;
  /** Those whose definition became another one, by `toolset/tool`: what was trusted of them is void. */
  changed_tools: Set<string>;
  /** The definitions that rules which answers made were about, by rule. */
  rule_digests: Map<string, string>;
  /** Digest of the catalog of skills that is pinned (R22). */
  skills: string | undefined;
  /** What the session_start hooks have not been told yet, and what those of the run after the open one are. */
  session_source: SessionSource | undefined;
  next_source: SessionSource | undefined;
  /** Tokens, cost and time of the whole tree. */
  spending: Spending;
  history: HistoryState;
}

export function emptyState(root_id: string): LogState {
  return {
    root_id,
    head: 0,
    conversations: new Map(),
    pending: new Map(),
    resolved: new Map(),
    safety: undefined,
    bounds: {},
    asked_at: new Map(),
    accept_edits: false,
    rules: { allow: [], ask: [], deny: [] },
    models: new Map(),
    agent_name: '',
    title: '',
    paused: false,
    deleted: false,
    runner: undefined,
    played: [],
    pins: new Map(),
    shared_state: new Map(),
    stop_jobs: false,
    tools: new Map(),
    changed_tools: new Set(),
    rule_digests: new Map(),
    skills: undefined,
    session_source: 'startup',
    next_source: undefined,
    spending: noSpending(),
    history: emptyHistory(),
  };
}

/** What the tree's tools of one toolset have written. */
export function sharedState(
  state: Pick<LogState, 'shared_state'>,
  toolset: string,
): { read(key: string): unknown } {
  return { read: (key) => state.shared_state.get(toolset)?.get(key) };
}

export function conversation(
  state: LogState,
  session_id: string,
  parent?: ConversationState['parent'],
): ConversationState {
  const known = state.conversations.get(session_id);
  if (known !== undefined) return known;
  const made: ConversationState = {
    session_id,
    agent_name: '',
    parent,
    handed_over: [],
    messages: [],
    window_start: 0,
    summary: undefined,
    earlier_windows: [],
    revision: 0,
    tool_state: new Map(),
    inputs: undefined,
    state_writes: [],
    run: undefined,
    last_run: undefined,
    usage: { input_tokens: 0, output_tokens: 0, cost: 0, context_length: 0, context_limit: 0 },
  };
  state.conversations.set(session_id, made);
  return made;
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

export function addUsage(
  total: ConversationState['usage'],
  usage: Usage | undefined,
  cost: number | undefined,
): void {
  total.input_tokens += usage?.input_tokens ?? 0;
  total.output_tokens += usage?.output_tokens ?? 0;
  total.cost += cost ?? 0;
}
