import { createHash } from 'node:crypto';
import { canonicalJson } from '../../protocol/canonical-json.ts';
import type { ResolvedToolset } from '../../protocol/team.ts';
import { closest } from '../closest.ts';
import { repairArguments } from '../repair-arguments.ts';
import type { JsonSchema } from '../parameters.ts';
import type { ParsedArguments, Tool, ToolContext, ToolResult, Toolset } from '../tool.ts';
import type { ListedTool, McpListing } from './listing.ts';
import { offeredName, prefixOf } from './names.ts';
import { cleanSchema } from './schema.ts';

/** Tools of one toolset that a model gets: providers refuse requests with many more. */
export const MOST_TOOLS = 100;

/** What the tools of a server do in it; filled in by whoever holds its connection. */
export interface McpPort {
  call(tool: ListedTool, args: Record<string, unknown>, context: ToolContext): Promise<ToolResult>;
  listResources(context: ToolContext): Promise<ToolResult>;
  readResource(uri: string, context: ToolContext): Promise<ToolResult>;
  /** A question of the server to the agent's model, once it is allowed. */
  sample(args: Record<string, unknown>, context: ToolContext): Promise<ToolResult>;
  /** Whether the definition of that tool was another one earlier in the session (R16). */
  hasChanged(identity: string): boolean;
}

/** The name of the call by which a server asks the model; no model is offered it. */
export const SAMPLING = 'sampling';

/** `sha256:` and 64 hexadecimal digits over what a person trusted of a server's tool, as the server defines it (R16). */
export function listedDigest({ name, description, inputSchema, annotations }: ListedTool): string {
  const text = canonicalJson({ name, description, inputSchema, annotations });
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/**
 * The toolset of one agent from what its server offers: allowed tools under their prefix, with effects by R3. What cannot be offered is said in
 * `notices`, and the rest is.
 */
export function mcpToolset(
  toolset: ResolvedToolset,
  listing: McpListing | undefined,
  port: McpPort,
  instruction: string | undefined,
): Toolset {
  const name = prefixOf(toolset);
  const made: Toolset = { type: 'mcp', name, instruction, tools: [] };
  if (listing === undefined) return made;
  const notices: string[] = [];
  const say = (words: string): void => void notices.push(`the MCP server ${name} ${words}`);
  if (listing.left_out > 0) say(`offers more than can be looked at; ${listing.left_out} were left out`);
  const wanted = allowedTools(toolset, listing.tools, say);
  const tools: Tool[] = [];
  for (const listed of wanted) {
    const cleaned = cleanSchema(listed.inputSchema);
    if (!cleaned.ok) say(`offers ${listed.name}, which is left out: ${cleaned.problem}`);
    else if (tools.length >= MOST_TOOLS) {
      say(
        `offers ${wanted.length} tools; the first ${MOST_TOOLS} are taken: name those that you want in \`tools\` of its toolset`,
      );
      break;
    } else tools.push(serverTool(toolset, name, listed, cleaned.schema, port));
  }
  if (listing.resources && toolset.tools === undefined) tools.push(...resourceTools(name, port));
  return { ...made, ...withoutTwins(tools, say), hidden: [samplingTool(name, port)], notices };
}

function allowedTools(
  { tools: names }: ResolvedToolset,
  listed: readonly ListedTool[],
  say: (words: string) => void,
): readonly ListedTool[] {
  if (names === undefined) return listed;
  const known = listed.map((tool) => tool.name);
  for (const wanted of names) {
    if (known.includes(wanted)) continue;
    const [near] = closest(wanted, known, 1);
    say(`has no tool "${wanted}"${near === undefined ? '' : `; did you mean ${near}?`}`);
  }
  return listed.filter((tool) => names.includes(tool.name));
}

/** Of two tools with one name the first counts. */
function withoutTwins(tools: readonly Tool[], say: (words: string) => void): { tools: Tool[] } {
  const names = new Set<string>();
  const kept = tools.filter(({ definition, own_name }) => {
    if (!names.has(definition.name)) return names.add(definition.name);
    say(`offers two tools that are called ${definition.name} here; the second (${own_name}) is left out`);
    return false;
  });
  return { tools: kept };
}

function serverTool(
  toolset: ResolvedToolset,
  name: string,
  listed: ListedTool,
  parameters: JsonSchema,
  port: McpPort,
): Tool {
  const hints = listed.annotations ?? {};
  // A hint counts where the toolset is trusted, and for as long as the tool is the one that was trusted (R3, R16).
  const isRead =
    toolset.trusted === true && hints['readOnlyHint'] === true && !port.hasChanged(`${name}/${listed.name}`);
  const offered = offeredName(name, listed.name);
  return {
    ...ofServer(name, listed.name),
    ...(isRead ? READS : ACTS),
    digest: listedDigest(listed),
    definition: {
      name: offered,
      category: 'mcp',
      description: listed.description ?? listed.title ?? `${listed.name} of the MCP server ${name}`,
      parameters,
      annotations: { ...hints, readOnlyHint: isRead },
    },
    parse: (text) => parsed(offered, parameters, text),
    access: () => ({ paths: [], ...(isRead ? {} : { network: true }) }),
    execute: (args, context) => port.call(listed, args, context),
  };
}

const READS = { effect: 'none', parallel: true, recovery: 'rerun', beside: true } as const;
const ACTS = { effect: 'external', parallel: false, recovery: 'unknown', beside: false } as const;

function ofServer(toolset: string, own_name: string) {
  return { toolset, own_name, builtin: false, needsWorkspace: false } as const;
}

/** Two tools of our own for servers that have resources. */
function resourceTools(name: string, port: McpPort): Tool[] {
  const define = (
    own_name: string,
    description: string,
    parameters: JsonSchema,
    run: Tool['execute'],
  ): Tool => {
    const offered = offeredName(name, own_name);
    const definition = {
      name: offered,
      category: 'mcp',
      description,
      parameters,
      annotations: { readOnlyHint: false },
    };
    return {
      ...ofServer(name, own_name),
      ...ACTS,
      digest: listedDigest({ name: own_name, description, inputSchema: parameters }),
      definition,
      parse: (text) => parsed(offered, parameters, text),
      access: () => ({ paths: [], network: true }),
      execute: run,
    };
  };
  const uri = { type: 'string', description: 'Its URI, as list_resources gives it' };
  return [
    define(
      'list_resources',
      `Lists the resources of the MCP server ${name}, and the templates of URIs that it knows.`,
      { type: 'object', properties: {} },
      (_args, context) => port.listResources(context),
    ),
    define(
      'read_resource',
      `Reads one resource of the MCP server ${name}.`,
      { type: 'object', properties: { uri }, required: ['uri'] },
      (args, context) => port.readResource(String(args['uri']), context),
    ),
  ];
}

/** A server's question to the model, as a call that is judged like any other. */
function samplingTool(name: string, port: McpPort): Tool {
  const description = `The MCP server ${name} asks the agent's model a question of its own.`;
  const parameters = { type: 'object', properties: {} };
  const offered = offeredName(name, SAMPLING);
  return {
    ...ofServer(name, SAMPLING),
    ...ACTS,
    held_by: 'connection',
    digest: listedDigest({ name: SAMPLING, description, inputSchema: parameters }),
    definition: { name: offered, category: 'mcp', description, parameters },
    parse: (text) => parsed(offered, parameters, text),
    access: () => ({ paths: [], network: true }),
    execute: (args, context) => port.sample(args, context),
  };
}

/** The server checks its arguments itself; here they are an object with what is required. */
function parsed(tool: string, parameters: JsonSchema, text: string): ParsedArguments {
  let value: unknown;
  try {
    value = JSON.parse(text.trim() === '' ? '{}' : text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const message = `The arguments of ${tool} are not valid JSON (${problem}). Send the whole call again, as one JSON object.`;
    return { ok: false, message };
  }
  const args = repairArguments(value, { ...parameters, type: 'object' });
  if (typeof args !== 'object' || args === null || Array.isArray(args))
    return { ok: false, message: `The arguments of ${tool} are one JSON object.` };
  const missing = (parameters.required ?? []).filter((name) => !Object.hasOwn(args, name));
  if (missing.length === 0) return { ok: true, args: args as Record<string, unknown> };
  const names = Object.keys(parameters.properties ?? {}).join(', ');
  return {
    ok: false,
    message: `The arguments of ${tool} do not fit: ${missing.join(', ')} is missing. ${tool} takes: ${names}.`,
  };
}
