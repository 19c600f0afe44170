import type {
  CallToolResult,
  ClientOptions,
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestParams,
  ElicitResult,
  GetPromptResult,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplateType,
  Tool as ServerTool,
  Transport,
} from '@modelcontextprotocol/client';
import { YonderError } from '../../protocol/errors.ts';

/** The kinds of lists that a server says have changed. */
export type ListKind = 'tools' | 'prompts' | 'resources';

/** What a server may ask of us while it is connected. What throws is an error for the server. */
export interface McpRequests {
  elicit(request: ElicitRequestParams, signal: AbortSignal): Promise<ElicitResult>;
  sample(request: CreateMessageRequestParams, signal: AbortSignal): Promise<CreateMessageResult>;
  /** Folders that it may work in, as `file:` URIs. */
  roots(): Promise<{ uri: string; name?: string }[]>;
}

export interface McpConnectOptions {
  transport: Transport;
  /** Of this program. */
  version: string;
  requests: McpRequests;
  onListChanged(kind: ListKind): void;
  /** Once, however it came about. */
  onClosed(): void;
  signal: AbortSignal;
  /** For the handshake, in milliseconds. */
  timeout_ms: number;
  /** How the protocol's version is agreed on; default: as every server understands. */
  versions?: ClientOptions['versionNegotiation'];
}

export interface McpProgress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

/** An open connection to a server. Every call rejects when the signal aborts, and the server is told. */
export interface McpConnection {
  readonly name: string;
  readonly instructions: string | undefined;
  readonly offers: Readonly<Record<ListKind, boolean>>;
  tools(signal: AbortSignal): Promise<ServerTool[]>;
  prompts(signal: AbortSignal): Promise<Prompt[]>;
  resources(signal: AbortSignal): Promise<{ resources: Resource[]; templates: ResourceTemplateType[] }>;
  call(
    name: string,
    args: Record<string, unknown>,
    options: { signal: AbortSignal; onProgress(progress: McpProgress): void },
  ): Promise<CallToolResult>;
  prompt(name: string, args: Record<string, string>, signal: AbortSignal): Promise<GetPromptResult>;
  read(uri: string, signal: AbortSignal): Promise<ReadResourceResult>;
  close(): Promise<void>;
}

/** The longest time that a timer of Node waits; the time limits of calls are ours, since a person's time does not count. */
const NEVER = 2 ** 31 - 1;
/** Pages of one list. */
const MOST_PAGES = 100;

/** Shakes hands with a server over a transport, which it closes when that fails. The client package is loaded here and nowhere else. */
export async function connectMcp(options: McpConnectOptions): Promise<McpConnection> {
  const { Client } = await import('@modelcontextprotocol/client');
  const { transport, requests, signal, timeout_ms } = options;
  const client = new Client(
    { name: 'yonder', version: options.version },
    {
      capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
      listMaxPages: MOST_PAGES,
      ...(options.versions === undefined ? {} : { versionNegotiation: options.versions }),
    },
  );
  client.setRequestHandler('elicitation/create', ({ params }, { mcpReq }) =>
    requests.elicit(params, mcpReq.signal),
  );
  client.setRequestHandler('sampling/createMessage', ({ params }, { mcpReq }) =>
    requests.sample(params, mcpReq.signal),
  );
  client.setRequestHandler('roots/list', async () => ({ roots: await requests.roots() }));
  for (const kind of ['tools', 'prompts', 'resources'] as const)
    client.setNotificationHandler(`notifications/${kind}/list_changed`, () => options.onListChanged(kind));
  let isOpen = true;
  client.onclose = () => {
    if (isOpen) options.onClosed();
    isOpen = false;
  };
  try {
    await client.connect(transport, { signal, timeout: timeout_ms });
  } catch (thrown) {
    isOpen = false;
    await transport.close();
    throw thrown;
  }
  const { tools, prompts, resources } = client.getServerCapabilities() ?? {};
  const within = (until: AbortSignal) => ({ signal: until, timeout: NEVER });
  return {
    name: client.getServerVersion()?.name ?? 'the server',
    instructions: client.getInstructions(),
    offers: {
      tools: tools !== undefined,
      prompts: prompts !== undefined,
      resources: resources !== undefined,
    },
    async tools(until) {
      // Without this the package writes to stdout.
      if (tools === undefined) return [];
      return (await client.listTools(undefined, { ...within(until), cacheMode: 'refresh' })).tools;
    },
    async prompts(until) {
      if (prompts === undefined) return [];
      return (await client.listPrompts(undefined, { ...within(until), cacheMode: 'refresh' })).prompts;
    },
    async resources(until) {
      if (resources === undefined) return { resources: [], templates: [] };
      const listed = await client.listResources(undefined, { ...within(until), cacheMode: 'refresh' });
      const templates = await client
        .listResourceTemplates(undefined, { ...within(until), cacheMode: 'refresh' })
        .then(
          ({ resourceTemplates }) => resourceTemplates,
          // Servers that know resources and not their templates answer that there is no such method.
          () => [],
        );
      return { resources: listed.resources, templates };
    },
    call: (name, args, { signal: until, onProgress }) =>
      client.callTool({ name, arguments: args }, { ...within(until), onprogress: onProgress }),
    prompt: (name, args, until) => client.getPrompt({ name, arguments: args }, within(until)),
    read: (uri, until) => client.readResource({ uri }, { ...within(until), cacheMode: 'refresh' }),
    async close() {
      isOpen = false;
      await client.close();
    },
  };
}

/** What a server is told that asks for what nobody gives it. */
export async function refusalOf(message: string): Promise<Error> {
  const { ProtocolError, ProtocolErrorCode } = await import('@modelcontextprotocol/client');
  return new ProtocolError(ProtocolErrorCode.InvalidRequest, message);
}

/** Whether a call failed since its connection has ended. */
export async function isConnectionLost(thrown: unknown): Promise<boolean> {
  const { SdkError, SdkErrorCode } = await import('@modelcontextprotocol/client');
  if (thrown instanceof YonderError) return true;
  return (
    thrown instanceof SdkError &&
    (thrown.code === SdkErrorCode.ConnectionClosed || thrown.code === SdkErrorCode.NotConnected)
  );
}
