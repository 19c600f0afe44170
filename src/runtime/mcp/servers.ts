import { toYonderError } from '../../protocol/errors.ts';
import type { ContentPart } from '../../protocol/message.ts';
import type { ResolvedAgent, ResolvedToolset } from '../../protocol/team.ts';
import { listResources, readResource } from '../../tools/mcp/resources.ts';
import { mcpToolset, SAMPLING, type McpPort } from '../../tools/mcp/toolset.ts';
import { offeredName, prefixOf } from '../../tools/mcp/names.ts';
import type { ListedPrompt } from '../../tools/mcp/listing.ts';
import { promptText } from '../../tools/mcp/result.ts';
import type { ToolContext, Toolset } from '../../tools/tool.ts';
import { McpServer, type ServerParts } from './server.ts';
import { runSampling } from './server-requests.ts';
import { specOf } from './server-spec.ts';

/** A prompt of a server, and how its text is had. */
export interface KnownPrompt {
  /** What a person types after the slash. */
  name: string;
  toolset: string;
  listed: ListedPrompt;
  get(
    args: Record<string, string>,
    saver: Pick<ToolContext, 'saveBlob'>,
    signal: AbortSignal,
  ): Promise<{ text: string; parts: readonly ContentPart[] }>;
}

export interface ServersParts extends Omit<ServerParts, 'say' | 'working_dir'> {
  working_dir(): string;
  /** Whether that tool, `toolset/tool`, has another definition than earlier in the session. */
  hasChanged(identity: string): boolean;
}

/** The MCP servers of one session tree: one for each definition, whoever uses it; nothing is started before it is needed. */
export class McpServers {
  readonly #parts: ServersParts;
  readonly #servers = new Map<string, McpServer>();
  #notices: string[] = [];

  constructor(parts: ServersParts) {
    this.#parts = parts;
  }

  /** One of them runs, so that what it acts through is in use. */
  get isRunning(): boolean {
    return [...this.#servers.values()].some((server) => server.isRunning);
  }

  /** The servers of an agent's toolsets, in their order, with the lists that were kept of them. */
  async of(agent: ResolvedAgent): Promise<McpServer[]> {
    const servers = agent.toolsets
      .filter(({ type }) => type === 'mcp')
      .map((toolset) => this.server(toolset));
    await Promise.all(servers.map((server) => server.recall()));
    return [...new Set(servers)];
  }

  server(toolset: ResolvedToolset): McpServer {
    const spec = specOf(toolset);
    const known = this.#servers.get(spec.key);
    if (known !== undefined) return known;
    const made: McpServer = new McpServer(spec, {
      ...this.#parts,
      working_dir: this.#parts.working_dir(),
      say: (words) => this.#notices.push(`the MCP server ${spec.name} ${words}`),
    });
    this.#servers.set(spec.key, made);
    return made;
  }

  /** What an agent gets of a server by what is known now. */
  toolset(toolset: ResolvedToolset): Toolset {
    const server = this.server(toolset);
    return mcpToolset(toolset, server.listing, this.#port(toolset, server), server.listing?.instructions);
  }

  /** The prompts of an agent's servers that are known, by the name that a person types: with the server's before it where another has the same. */
  prompts(agent: ResolvedAgent): KnownPrompt[] {
    const known = agent.toolsets
      .filter(({ type }) => type === 'mcp')
      .flatMap((toolset) => {
        const server = this.server(toolset);
        return (server.listing?.prompts ?? []).map((listed) => ({
          toolset: prefixOf(toolset),
          server,
          listed,
        }));
      });
    const count = (name: string): number => known.filter(({ listed }) => listed.name === name).length;
    return known.map(({ toolset, server, listed }) => ({
      name: count(listed.name) > 1 ? offeredName(toolset, listed.name) : listed.name,
      toolset,
      listed,
      get: async (args, saver, signal) => {
        const connection = await server.connect(signal);
        return promptText(await connection.prompt(listed.name, args, signal), saver);
      },
    }));
  }

  /** What happened since it was asked last, in words for a person. */
  takeNotices(): string[] {
    return this.#notices.splice(0);
  }

  /** Ends the servers of a toolset by its name; their next use starts them. Says it where that fails. */
  async restart(agent: ResolvedAgent, name: string): Promise<void> {
    const toolsets = agent.toolsets.filter((toolset) => toolset.type === 'mcp' && prefixOf(toolset) === name);
    const settled = await Promise.allSettled(toolsets.map((toolset) => this.server(toolset).restart()));
    for (const result of settled)
      if (result.status === 'rejected')
        this.#notices.push(
          `the MCP server ${name} could not be ended: ${toYonderError(result.reason, 'tool_failed').message}`,
        );
  }

  /** Ends all; any number of times. */
  async close(): Promise<void> {
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    await Promise.all(servers.map((server) => server.close()));
  }

  #port(toolset: ResolvedToolset, server: McpServer): McpPort {
    const sampling = offeredName(prefixOf(toolset), SAMPLING);
    return {
      call: (tool, args, context) => server.call(tool, args, context, sampling),
      listResources: (context) => server.ask(context, sampling, listResources),
      readResource: (uri, context) =>
        server.ask(context, sampling, (connection, signal) => readResource(connection, uri, context, signal)),
      sample: runSampling,
      hasChanged: (identity) => this.#parts.hasChanged(identity),
    };
  }
}
