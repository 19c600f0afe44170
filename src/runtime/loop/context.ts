import type { ModelCall, ModelPart } from '../../model/call.ts';
import type { AcceptedSession } from '../../protocol/contract/payloads.ts';
import type { DurableType, EventFields } from '../../protocol/events/events.ts';
import type { EventDraft, InputKind, InputRow } from '../../protocol/store.ts';
import type { ResolvedAgent, ResolvedModel, ResolvedTeam } from '../../protocol/team.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import type { HttpAnswer, HttpRequest, Toolset } from '../../tools/tool.ts';
import type { RunState } from '../fold/run-state.ts';
import type { ConversationState } from '../fold/state.ts';
import type { SessionServers } from '../mcp/session-servers.ts';
import type { SessionLog } from '../log/session-log.ts';
import type { Snapshots } from '../snapshots/snapshots.ts';
import type { History } from '../prompt/history.ts';
import { agentOfRun } from '../skills/narrow.ts';
import type { NarrowedAgent, PinnedSkills } from '../skills/types.ts';

/** What the steps of one root session share. Live things are fetched by reference; the truth is in the log (R23). */
export interface LoopContext {
  log: SessionLog;
  team: ResolvedTeam;
  settings: AcceptedSession;
  working_dir: string;
  models: { stream(call: ModelCall, signal: AbortSignal): AsyncIterable<ModelPart> };
  /** The model of that name, `auto` and overrides resolved. */
  model(name: string): Promise<ResolvedModel>;
  workspace(): Promise<Workspace>;
  snapshots(): Promise<Snapshots>;
  /**
   * Sees to it that the tools of a run's agent are known, before its model is asked or its calls go on; from then on `toolsets` has them. Throws where
   * one that the run needs cannot be had.
   */
  ready(run: RunState, signal: AbortSignal): Promise<void>;
  /** The MCP servers of the session tree; undefined where this agent has none. */
  servers(agent: ResolvedAgent): Promise<SessionServers | undefined>;
  toolsets(agent: NarrowedAgent): readonly Toolset[];
  /** The skills that the newest run has pinned; undefined where there are none. */
  skills: PinnedSkills | undefined;
  /** A variable of the session's environment, for `${env.X}` of the team's own texts. */
  variable(name: string): string | undefined;
  /** The Host's environment as its commands get it: without keys and what is ours (R13). */
  hostVariables(): Readonly<Record<string, string>>;
  /** The value of a secret reference, known to what writes things down before anybody gets it. */
  secret(reference: string): Promise<string>;
  history(conversation: ConversationState): History;
  now(): Date;
  random(): number;
  /** A cassette plays in the order of its recording. */
  plays_in_order: boolean;
  platform: string;
  /** Absolute folders that govern (R13). */
  own_folders: readonly string[];
  /** Untaken rows that wait for a boundary of this session. */
  waiting(session_id: string, ...kinds: InputKind[]): InputRow[];
  /** Carries out the inputs that need no boundary. */
  pump(): Promise<void>;
  /** Resolves when the log or the inbox changed, or the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
  http(request: HttpRequest): Promise<HttpAnswer>;
  /** Runs what is given under one name one after the other, in the order of the calls. */
  oneAtATime(name: string, act: () => Promise<void>): Promise<void>;
  /** Drives another run of the tree to its end. */
  driveChild(run: RunState): Promise<void>;
  /** Aborts when the run is interrupted, failed or let go. */
  signalOf(run_id: string): AbortSignal;
}

/** The fields that every event of a run carries. */
export function ofRun(run: RunState): {
  session_id: string;
  run_id: string;
  agent_name: string;
  parent?: RunState['parent'];
} {
  return {
    session_id: run.session_id,
    run_id: run.run_id,
    agent_name: run.agent_name,
    ...(run.parent === undefined ? {} : { parent: run.parent }),
  };
}

/** One event of a run, typed by its declaration. */
export function event<Type extends DurableType>(
  type: Type,
  run: RunState,
  fields: EventFields<Type>,
): EventDraft {
  return { type, fields: { ...ofRun(run), ...fields } };
}

/** The agent of a run, as the skills that it works by leave it. */
export function agentOf(context: LoopContext, run: RunState): NarrowedAgent {
  const agent = context.team.agents.find((candidate) => candidate.name === run.agent_name);
  return agentOfRun(context, run, agent ?? (context.team.agents[0] as ResolvedAgent));
}

export function conversationOf(context: LoopContext, run: RunState): ConversationState {
  return context.log.state.conversations.get(run.session_id) as ConversationState;
}
