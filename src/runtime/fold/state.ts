import type { SessionBounds } from '../../protocol/bounds.ts';
import type { PendingInteraction } from '../../protocol/interaction.ts';
import type { Message, Usage } from '../../protocol/message.ts';
import { noSpending, type Spending } from './spending.ts';
import type { PermissionRules, Safety } from '../../protocol/permissions.ts';
import type { RunState } from './run-state.ts';
import { emptyHistory, type HistoryState } from './history.ts';
import type { SessionSource } from './moments.ts';

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

export function addUsage(
  total: ConversationState['usage'],
  usage: Usage | undefined,
  cost: number | undefined,
): void {
  total.input_tokens += usage?.input_tokens ?? 0;
  total.output_tokens += usage?.output_tokens ?? 0;
  total.cost += cost ?? 0;
}
