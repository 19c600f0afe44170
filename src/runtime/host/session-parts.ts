import type { Models } from '../../model/models.ts';
import type { AcceptedSession } from '../../protocol/contract/payloads.ts';
import type { ResolvedAgent, ResolvedModel, ResolvedTeam } from '../../protocol/team.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import { buildToolsets } from '../../tools/index.ts';
import type { SubAgent } from '../../tools/transfer-task.ts';
import type { Toolset } from '../../tools/tool.ts';
import type { ConversationState } from '../fold/state.ts';
import type { ServersParts } from '../mcp/servers.ts';
import type { SessionServers } from '../mcp/session-servers.ts';
import { History } from '../prompt/history.ts';
import { skillsToolset } from '../../tools/skills/toolset.ts';
import { narrowingKey, narrowToolsets } from '../skills/narrow.ts';
import { shelfOf } from '../skills/shelf.ts';
import type { NarrowedAgent, PinnedSkills } from '../skills/types.ts';
import { modelByName } from './model-by-name.ts';

export interface PartsInput {
  team: ResolvedTeam;
  settings: AcceptedSession;
  working_dir: string;
  models: Models;
  openWorkspace: () => Promise<Workspace>;
  /** A folder of this Host, to be read and closed. */
  openFolder: (root: string) => Promise<Workspace>;
  /** The session's environment: its own values over the Host's. */
  env: (name: string) => string | undefined;
  /** The Host's environment as a hook gets it (R13). */
  hostVariables: () => Readonly<Record<string, string>>;
  /** Tools that every agent has beside those of its team. */
  toolsets: readonly Toolset[];
}

/** The live things of a session, made when they are first needed: workspace, tools, models, histories. None of them is truth (R23). */
export abstract class SessionParts {
  team: ResolvedTeam;
  settings: AcceptedSession;
  working_dir: string;
  models: Models;
  plays_in_order = false;
  readonly hostVariables: () => Readonly<Record<string, string>>;
  readonly #openWorkspace: () => Promise<Workspace>;
  readonly #env: (name: string) => string | undefined;
  readonly #given: readonly Toolset[];
  readonly openFolder: (root: string) => Promise<Workspace>;
  #skills: PinnedSkills | undefined;
  #workspace: Promise<Workspace> | undefined;
  #making: Promise<SessionServers> | undefined;
  #mcp: SessionServers | undefined;
  #toolsets = new Map<string, Toolset[]>();
  /** Each for the agent whose limits it keeps. */
  #histories = new WeakMap<ConversationState, { agent_name: string; history: History }>();
  #auto: Promise<ResolvedModel> | undefined;

  constructor(input: PartsInput) {
    this.team = input.team;
    this.settings = input.settings;
    this.working_dir = input.working_dir;
    this.models = input.models;
    this.#openWorkspace = input.openWorkspace;
    this.#env = input.env;
    this.#given = input.toolsets;
    this.hostVariables = input.hostVariables;
    this.openFolder = input.openFolder;
  }

  /** The skills that the newest run has pinned. */
  get skills(): PinnedSkills | undefined {
    return this.#skills;
  }

  /** Takes the skills that a run pins, or has pinned. */
  set skills(pinned: PinnedSkills | undefined) {
    this.#skills = pinned;
    this.#toolsets.clear();
  }

  /** What its MCP servers are made of. */
  protected abstract serverParts(): ServersParts;

  workspace(): Promise<Workspace> {
    this.#workspace ??= this.#openWorkspace().catch((thrown: unknown) => {
      this.#workspace = undefined;
      throw thrown;
    });
    return this.#workspace;
  }

  /** A variable of the session's environment. */
  variable(name: string): string | undefined {
    return this.#env(name);
  }

  /** Takes another team or other settings from the next run on. */
  change(change: { team?: ResolvedTeam; settings?: AcceptedSession; models?: Models }): void {
    this.team = change.team ?? this.team;
    this.settings = change.settings ?? this.settings;
    this.models = change.models ?? this.models;
    this.#toolsets.clear();
    this.#histories = new WeakMap();
    this.#auto = undefined;
  }

  /** Works in another folder from now on. */
  async moveTo(working_dir: string): Promise<void> {
    this.working_dir = working_dir;
    await this.closeServers();
    await this.closeWorkspace();
  }

  async closeWorkspace(): Promise<void> {
    const opened = this.#workspace;
    this.#workspace = undefined;
    await (await opened)?.close();
  }

  /** The MCP servers of the session tree, with what is known of those of this agent; undefined where it has none. */
  async servers(agent: ResolvedAgent): Promise<SessionServers | undefined> {
    if (!agent.toolsets.some(({ type }) => type === 'mcp')) return undefined;
    this.#making ??= import('../mcp/session-servers.ts').then(({ sessionServers }) =>
      sessionServers(this.serverParts()),
    );
    this.#mcp = await this.#making;
    if (await this.#mcp.recall(agent)) this.forgetToolsets();
    return this.#mcp;
  }

  /** One of its MCP servers runs. */
  get hasServers(): boolean {
    return this.#mcp?.isRunning === true;
  }

  /** Ends its MCP servers; the next use starts them. */
  async closeServers(): Promise<void> {
    const made = await this.#making;
    this.#making = undefined;
    this.#mcp = undefined;
    await made?.close();
  }

  /** What toolsets are made of is not what it was. */
  forgetToolsets(): void {
    this.#toolsets.clear();
  }

  /** The toolsets of an agent, less what the skills that it works by take away. */
  toolsets(agent: NarrowedAgent): readonly Toolset[] {
    const narrowing = narrowingKey(agent);
    if (narrowing === '') return this.#whole(agent);
    const key = `${agent.name} ${narrowing}`;
    const known = this.#toolsets.get(key);
    if (known !== undefined) return known;
    const left = narrowToolsets(this.#whole(agent), agent);
    this.#toolsets.set(key, left);
    return left;
  }

  #whole(agent: ResolvedAgent): Toolset[] {
    const known = this.#toolsets.get(agent.name);
    if (known !== undefined) return known;
    const shelf = shelfOf(agent, this.#skills, {
      workspace: () => this.workspace(),
      brought: this.team.skill_files ?? {},
      openFolder: this.openFolder,
    });
    const named = (names: readonly string[]): SubAgent[] =>
      this.team.agents
        .filter((other) => names.includes(other.name))
        .map(({ name, description }) => ({ name, description }));
    const made = buildToolsets(
      {
        toolsets: agent.toolsets,
        sub_agents: named(agent.sub_agents),
        handoffs: named(agent.handoffs),
        mcp: this.#mcp?.toolset,
        given: [...(shelf === undefined ? [] : [skillsToolset(shelf)]), ...this.#given],
      },
      { env: this.#env },
    );
    this.#toolsets.set(agent.name, made);
    return made;
  }

  async model(name: string): Promise<ResolvedModel> {
    const model = modelByName(this.team, name);
    if (model.auto !== true) return model;
    const preferred = this.settings.runtime_config?.default_model;
    if (preferred !== undefined) return modelByName(this.team, preferred);
    this.#auto ??= this.models.resolveAuto();
    return this.#auto;
  }

  history(conversation: ConversationState): History {
    const known = this.#histories.get(conversation);
    if (known?.agent_name === conversation.agent_name) return known.history;
    const agent = this.team.agents.find((candidate) => candidate.name === conversation.agent_name);
    const made = new History(conversation, {
      num_history_items: agent?.num_history_items ?? 0,
      max_old_tool_call_tokens: agent?.max_old_tool_call_tokens ?? -1,
    });
    this.#histories.set(conversation, { agent_name: conversation.agent_name, history: made });
    return made;
  }
}
