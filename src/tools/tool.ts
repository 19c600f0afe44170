import type { ContentPart, ToolDefinition } from '../protocol/message.ts';
import type { Effect, Recovery } from '../protocol/permissions.ts';
import type { Workspace } from '../protocol/workspace.ts';

/** What a call would touch, said before it runs; the decision function reads this and nothing else of a tool. */
export interface ToolAccess {
  paths: readonly { path: string; use: 'read' | 'write' }[];
  /** The shell line, for tools that run one. */
  shell?: { line: string; cwd?: string | undefined } | undefined;
  network?: boolean | undefined;
  /** The agent of the same team that the call hands work to. */
  delegate?: string | undefined;
}

/** What the model and the person get back. `output` is the text for the model, already cut to the tool's limits. */
export interface ToolResult {
  output: string;
  is_error?: boolean | undefined;
  /** Images and files, as blobs of the session. */
  parts?: readonly ContentPart[] | undefined;
}

export interface DelegateRequest {
  agent: string;
  task: string;
  expected_output?: string | undefined;
  /** A skill of the agent that its sub-session works by. */
  skill?: string | undefined;
}

/** A question of a tool to the person: a form (an object schema that `readForm` takes), or an address to open. */
export interface AskRequest {
  message: string;
  title?: string | undefined;
  schema?: unknown;
  url?: string | undefined;
  /** `connection`: who asked is gone after a restart, and the question with it (R15); default `step`. */
  held_by?: 'step' | 'connection' | undefined;
  /** Takes the question back. */
  signal?: AbortSignal | undefined;
}

/** What came of it; `refused` where nobody can be asked. */
export type AskAnswer =
  | { action: 'accept'; content?: Record<string, unknown> | undefined }
  | { action: 'decline' | 'cancel'; reason?: string | undefined }
  | { action: 'refused' };

/** One request to the open internet, judged by name, address and redirect where it leaves the process. */
export interface HttpRequest {
  url: string;
  /** Default `GET`. */
  method?: 'GET' | 'POST' | undefined;
  body?: string | undefined;
  /** Sent to the origin of `url` alone. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Lets addresses of private networks through. */
  allowPrivate?: boolean | undefined;
  /** The most of the body that is read, decompressed. */
  maxBytes: number;
  overLimit?: 'refuse' | 'cut' | undefined;
  /** For all of it. */
  timeoutMs: number;
  /** Called for the URL and for each that a redirect names, before anything is asked of it; what it throws is thrown. */
  check?: ((url: URL) => void | Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  /** The last URL, after redirects. */
  url: string;
  status: number;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** Whether `body` is only the beginning. */
  cut: boolean;
  /** The URLs before the last one. */
  redirects: readonly string[];
}

/** A call of another tool of the same agent, as a model would write it. */
export interface CallRequest {
  tool: string;
  arguments: Readonly<Record<string, unknown>>;
}

/** A question to the agent's model beside its conversation. */
export interface SampleRequest {
  system?: string | undefined;
  messages: readonly { role: 'user' | 'assistant'; content: string }[];
  /** Of the answer. */
  max_tokens: number;
}

export interface SampleAnswer {
  text: string;
  /** `provider/model`. */
  model: string;
  /** `stop`, `length`, `content-filter` or `other`. */
  finish_reason: string;
}

/** State of one toolset in one session: durable, folded from the log; a write is recorded with the call's result (R23). */
export interface ToolState {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
}

/** All that a tool sees of the world (R24). Filled by the runtime for one call. */
export interface ToolContext {
  workspace: Workspace;
  /** Recorded before the call began; a tool that starts a command uses it, so that recovery can ask the runner (R19). */
  command_id: string;
  /** Throws a YonderError for what cannot or may not be reached; a deny rule binds each hop. */
  http(request: HttpRequest): Promise<HttpAnswer>;
  state: ToolState;
  /** Runs another agent of the team as a sub-session and gives its answer. */
  delegate(request: DelegateRequest): Promise<ToolResult>;
  /** Gives the conversation to another agent of the team once the calls of this turn are done. */
  handoff(agent: string): ToolResult;
  /**
   * Asks the person and waits, over a restart too: a tool that is run again gets the answers of its questions in the same order (R15).
   * Rejects when the call is cut.
   */
  ask(request: AskRequest): Promise<AskAnswer>;
  /**
   * Has another tool of the agent act, through the same decisions as a call of the model, and recorded; its result goes to this tool alone. A tool
   * that is run again gets what its calls gave, in the same order. Rejects when the call is cut, with `unsupported` within a call that is a tool's itself.
   */
  call(request: CallRequest): Promise<ToolResult>;
  /** Asks the agent's model; what it costs counts. Rejects with `tool_failed` where the budget is used up, and as a model call does. */
  sample(request: SampleRequest): Promise<SampleAnswer>;
  /** Live output, shown as `tool_call_output` previews. */
  emit(stream: 'stdout' | 'stderr', text: string): void;
  saveBlob(bytes: Uint8Array, media_type: string, name?: string): Promise<ContentPart>;
  secrets: {
    /**
     * The value of `env:NAME`, `file:PATH` (absolute or `~/...`) or `keyring:NAME`, which from then on leaves this process nowhere. Throws `env_missing`,
     * `not_found`, and `invalid_request` for anything else.
     */
    resolve(reference: string): Promise<string>;
  };
  clock: { now(): Date };
  signal: AbortSignal;
}

export type ParsedArguments = { ok: true; args: Record<string, unknown> } | { ok: false; message: string };

/** A tool of an agent. Effect, parallel and recovery come from the one table (R3), never from each other. */
export interface Tool {
  toolset: string;
  definition: ToolDefinition;
  /** False: of a server or a plugin, which rules name as `toolset/own_name` and no other way (R16). Default true. */
  builtin?: boolean | undefined;
  /** What its server calls it, where it is offered under another name. */
  own_name?: string | undefined;
  /** Of its definition; approvals of another one do not count (R16). */
  digest?: string | undefined;
  /** `connection`: a question about such a call ends with the process (R15). */
  held_by?: 'connection' | undefined;
  effect: Effect;
  parallel: boolean;
  recovery: Recovery;
  /** Whether it may act while another agent acts in the same folder. */
  beside: boolean;
  /** Its state is that of the whole session tree, not of one agent; such calls of one toolset never overlap. */
  shared?: boolean | undefined;
  /** The command that it starts goes on behind its result, and is not forgotten with it. */
  leavesCommand?: boolean | undefined;
  /** Whether it acts through the workspace; when absent, by its effect: on the session alone it does not. */
  needsWorkspace?: boolean | undefined;
  /** Parses the model's JSON text, repairs the four common mistakes, validates; the message tells the model what to change. */
  parse(text: string): ParsedArguments;
  access(args: Record<string, unknown>): ToolAccess;
  /** A diff or the like for the person who is asked; absent where the arguments say it all. */
  preview?(
    args: Record<string, unknown>,
    context: Pick<ToolContext, 'workspace' | 'signal'>,
  ): Promise<string | undefined>;
  /** Never throws for what the model can mend: such things are results with `is_error`. */
  execute(args: Record<string, unknown>, context: ToolContext): Promise<ToolResult>;
  /** After a crash, for `recovery: 'unknown'` tools that can ask the runner; undefined when nothing can be found out. */
  recover?(args: Record<string, unknown>, context: ToolContext): Promise<ToolResult | undefined>;
}

/** A toolset of one agent, ready to offer its tools. */
export interface Toolset {
  type: string;
  name: string;
  /** Goes into the system prompt. */
  instruction?: string | undefined;
  tools: readonly Tool[];
  /** Called by the toolset itself, and offered to no model. */
  hidden?: readonly Tool[] | undefined;
  /** What a person should know of it: tools that are left out, and why. */
  notices?: readonly string[] | undefined;
}
