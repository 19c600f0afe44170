import { pathToFileURL } from 'node:url';
import { toYonderError, YonderError } from '../../protocol/errors.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import { connectMcp, isConnectionLost, type McpConnection } from '../../tools/mcp/connection.ts';
import { listAll, type ListedTool, type McpListing } from '../../tools/mcp/listing.ts';
import { SignInNeeded, type Challenge } from '../../tools/mcp/oauth/sign-in-needed.ts';
import { toolResult } from '../../tools/mcp/result.ts';
import { listedDigest } from '../../tools/mcp/toolset.ts';
import type { ToolContext, ToolResult } from '../../tools/tool.ts';
import { keepListing, readListing } from './list-cache.ts';
import { makeTransport, type OpenTransport, type TransportParts } from './make-transport.ts';
import { OpenCall } from './open-call.ts';
import type { WantedSignIn } from '../sign-in/sign-ins.ts';
import { withSignIns } from '../sign-in/with-sign-ins.ts';
import { progressLine, unlessAborted } from './waiting.ts';
import { elicit, sampleFor } from './server-requests.ts';
import { Starts } from './starts.ts';
import { listKey, type ServerSpec } from './server-spec.ts';

export type ServerState = 'stopped' | 'starting' | 'ready' | 'failed';

export interface ServerParts extends TransportParts {
  /** Where lists are kept; absolute. */
  cache_dir: string;
  working_dir: string;
  version: string;
  random(): number;
  /** Has a person sign in; resolves when the tokens are kept. */
  signIn(wanted: WantedSignIn, signal: AbortSignal): Promise<void>;
  /** Something that a person should know, as the end of `the MCP server NAME ...`. */
  say(words: string): void;
}

/** One server of a session tree: started when it is needed, again by its lifecycle, and asked over one connection. */
export class McpServer {
  readonly spec: ServerSpec;
  state: ServerState = 'stopped';
  last_error: string | undefined;
  /** What it offers, as far as it is known. */
  listing: McpListing | undefined;
  /** Raised whenever the listing is another one. */
  revision = 0;
  /** Raised whenever a person has it started anew. */
  generation = 0;
  readonly #parts: ServerParts;
  readonly #calls: OpenCall[] = [];
  readonly #closing = new AbortController();
  #connection: McpConnection | undefined;
  #transport: OpenTransport | undefined;
  #starting: Promise<McpConnection> | undefined;
  readonly #starts: Starts;
  /** It said that a list has changed. */
  #isStale = false;
  #saidStray = false;

  constructor(spec: ServerSpec, parts: ServerParts) {
    this.spec = spec;
    this.#parts = parts;
    this.#starts = new Starts(spec, () => parts.random());
  }

  /** How often it was started again. */
  get restarts(): number {
    return this.#starts.again;
  }

  get isRunning(): boolean {
    return this.#connection !== undefined || this.#starting !== undefined;
  }

  /** Takes the list that was kept when it ran last, where there is one. */
  async recall(): Promise<void> {
    if (this.listing !== undefined) return;
    const known = await readListing(this.#parts.cache_dir, listKey(this.spec, this.#parts.working_dir));
    if (known !== undefined && this.listing === undefined) this.#take(known);
  }

  /** Asks a running server again that said that its lists have changed. */
  async refresh(signal: AbortSignal): Promise<void> {
    const connection = this.#connection;
    if (!this.#isStale || connection === undefined) return;
    this.#isStale = false;
    try {
      await this.#list(connection, AbortSignal.any([signal, this.#limit()]));
    } catch (thrown) {
      if (signal.aborted) return;
      this.#parts.say(`said that its tools have changed, and did not list them: ${wordsOf(thrown)}`);
    }
  }

  /** The connection, made where there is none. Rejects with words for a person; single-flight. */
  async connect(signal: AbortSignal): Promise<McpConnection> {
    if (this.#connection !== undefined) return this.#connection;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    return unlessAborted(this.#starting, signal);
  }

  async call(
    listed: ListedTool,
    args: Record<string, unknown>,
    context: ToolContext,
    sampling: string,
  ): Promise<ToolResult> {
    return this.#working(context, sampling, async (connection, call) => {
      await this.refresh(call.signal);
      const now = this.listing?.tools.find(({ name }) => name === listed.name);
      if (now === undefined)
        return failed(`The MCP server ${this.spec.name} has no tool ${listed.name} any more.`);
      if (now !== listed && listedDigest(now) !== listedDigest(listed)) {
        return failed(
          `The MCP server ${this.spec.name} has changed its tool ${listed.name} since this call was asked for, so it was not made. Look at the tool as it is now, and call it again if it still fits.`,
        );
      }
      const result = await connection.call(listed.name, args, {
        signal: call.signal,
        onProgress: (progress) => call.show(progressLine(progress)),
      });
      return toolResult(result, context);
    });
  }

  /** Asks it something else within a call. */
  async ask(
    context: ToolContext,
    sampling: string,
    act: (connection: McpConnection, signal: AbortSignal) => Promise<ToolResult>,
  ): Promise<ToolResult> {
    return this.#working(context, sampling, (connection, call) => act(connection, call.signal));
  }

  /** Ends it and forgets how often it was started; the next use starts it. */
  async restart(): Promise<void> {
    this.generation += 1;
    await this.#end();
    this.#starts.forget();
    this.last_error = undefined;
    this.state = 'stopped';
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#end();
    this.state = 'stopped';
  }

  async #end(): Promise<void> {
    // A start that is under way ends with what it was made for.
    if (this.#starting !== undefined) await this.#starting.catch(() => undefined);
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async #working(
    context: ToolContext,
    sampling: string,
    act: (connection: McpConnection, call: OpenCall) => Promise<ToolResult>,
  ): Promise<ToolResult> {
    let connection: McpConnection;
    try {
      connection = await this.connect(context.signal);
    } catch (thrown) {
      if (context.signal.aborted) throw thrown;
      return failed(`${wordsOf(thrown)}; the call was not made.`);
    }
    const call = new OpenCall(context, sampling, this.spec.lifecycle.call_timeout);
    this.#calls.push(call);
    try {
      return await withSignIns(
        () => act(connection, call),
        (challenge) => call.aside(() => this.#signIn(challenge, call.signal)),
      );
    } catch (thrown) {
      if (context.signal.aborted) throw thrown;
      return failed(await this.#failure(thrown, call));
    } finally {
      call.end();
      this.#calls.splice(this.#calls.indexOf(call), 1);
    }
  }

  async #failure(thrown: unknown, call: OpenCall): Promise<string> {
    const { name, lifecycle } = this.spec;
    if (call.isLate) {
      return `The MCP server ${name} did not answer within ${lifecycle.call_timeout / 1000} s (call_timeout) and was told to stop; what it had done stays done.`;
    }
    // A fault of ours that no end of the server explains is told as it is; of a remote server every request tells for itself what became of it.
    const isOwn = thrown instanceof YonderError && this.#transport?.ended() === undefined;
    if (!isOwn && (await isConnectionLost(thrown)))
      return `The MCP server ${name} ${this.#howItEnded()} while it worked on this call; what it had done stays done.`;
    return `The MCP server ${name} failed: ${wordsOf(thrown)}`;
  }

  async #start(): Promise<McpConnection> {
    const { name } = this.spec;
    await this.#starts.next(this.last_error, this.#closing.signal);
    this.state = 'starting';
    try {
      return await withSignIns(
        () => this.#attempt(name),
        (challenge) => this.#signIn(challenge, this.#closing.signal),
      );
    } catch (thrown) {
      // Only a person's no comes here as it was thrown; the rest has its words.
      if (this.state !== 'starting') throw thrown;
      throw await this.#startFailed(name, thrown, this.#closing.signal);
    }
  }

  /** A sign-in takes a person's time, which is not the server's. */
  async #signIn(challenge: Challenge, signal: AbortSignal): Promise<void> {
    const { access, callback_port, callback_url } = this.#transport?.remote ?? {};
    if (access === undefined)
      throw new YonderError('unauthorized', 'it refuses the key that the team sends in its headers');
    await this.#parts.signIn(
      { name: this.spec.name, access, challenge, callback_port, callback_url },
      signal,
    );
  }

  async #attempt(name: string): Promise<McpConnection> {
    const { lifecycle } = this.spec;
    const until = AbortSignal.any([this.#closing.signal, this.#limit()]);
    try {
      const opened = await makeTransport(this.spec, this.#parts);
      this.#transport = opened;
      const connection = await connectMcp({
        transport: opened.transport,
        version: this.#parts.version,
        requests: {
          elicit: (request, signal) =>
            elicit(this.#calls.at(-1), request, signal, (words) => this.#parts.say(words)),
          sample: (request) => sampleFor(this.#calls.at(-1), request),
          roots: () => this.#roots(),
        },
        onListChanged: () => (this.#isStale = true),
        onClosed: () => this.#onClosed(),
        signal: until,
        timeout_ms: lifecycle.startup_timeout,
      });
      this.#connection = connection;
      await this.#list(connection, until);
      this.state = 'ready';
      this.last_error = undefined;
      this.#sayStray();
      return connection;
    } catch (thrown) {
      if (!(thrown instanceof SignInNeeded)) throw await this.#startFailed(name, thrown, until);
      const connection = this.#connection;
      this.#connection = undefined;
      await connection?.close();
      throw thrown;
    }
  }

  async #startFailed(name: string, thrown: unknown, until: AbortSignal): Promise<YonderError> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
    const { startup_timeout } = this.spec.lifecycle;
    const said = this.#transport?.said() ?? '';
    const ended = this.#transport?.ended();
    const isLate = until.aborted && !this.#closing.signal.aborted;
    const why = isLate
      ? `it did not answer within ${startup_timeout / 1000} s (startup_timeout)`
      : ended === undefined
        ? wordsOf(thrown)
        : `it ${ended}`;
    this.state = 'failed';
    this.#starts.ended(false);
    this.last_error = `${why}${said === '' ? '' : `; ${said}`}`;
    const code = thrown instanceof YonderError ? thrown.code : 'tool_failed';
    return new YonderError(code, `the MCP server ${name} could not be started: ${this.last_error}`, {
      cause: thrown,
    });
  }

  async #list(connection: McpConnection, signal: AbortSignal): Promise<void> {
    const listing = await listAll(connection, signal);
    this.#isStale = false;
    if (JSON.stringify(listing) === JSON.stringify(this.listing)) return;
    this.#take(listing);
    const { cache_dir, working_dir } = this.#parts;
    try {
      await keepListing(cache_dir, listKey(this.spec, working_dir), listing);
    } catch (thrown) {
      this.#parts.say(
        `will be started for its list each time: the list could not be kept (${wordsOf(thrown)})`,
      );
    }
  }

  #take(listing: McpListing): void {
    this.listing = listing;
    this.revision += 1;
  }

  #onClosed(): void {
    // While it starts, whoever starts it says so.
    if (this.#connection === undefined || this.#starting !== undefined) return;
    this.#connection = undefined;
    this.state = 'stopped';
    this.#starts.ended(this.#transport?.endedWell() ?? false);
    const said = this.#transport?.said() ?? '';
    this.last_error = `it ${this.#howItEnded()}${said === '' ? '' : `; ${said}`}`;
    this.#parts.say(`${this.#howItEnded()} by itself${said === '' ? '' : `; ${said}`}`);
  }

  #howItEnded(): string {
    return this.#transport?.ended() ?? 'closed its connection';
  }

  #sayStray(): void {
    const stray = this.#transport?.stray();
    if (stray === undefined || this.#saidStray) return;
    this.#saidStray = true;
    this.#parts.say(`prints text that is no MCP message, which is ignored: ${stray}`);
  }

  async #roots(): Promise<{ uri: string; name?: string }[]> {
    const workspace: Workspace = await this.#parts.workspace();
    return [workspace.root, ...workspace.add_dirs].map((folder) => ({
      uri: pathToFileURL(folder).href,
      name: folder.split('/').findLast((part) => part !== '') ?? folder,
    }));
  }

  #limit(): AbortSignal {
    return AbortSignal.timeout(Math.min(this.spec.lifecycle.startup_timeout, 2 ** 31 - 1));
  }
}

function failed(output: string): ToolResult {
  return { output, is_error: true };
}

function wordsOf(thrown: unknown): string {
  return toYonderError(thrown, 'tool_failed').message;
}
