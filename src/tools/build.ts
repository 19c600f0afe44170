import { UnsupportedError, YonderError } from '../protocol/errors.ts';
import { expandEnvironmentReferences } from '../protocol/environment-references.ts';
import type { ResolvedToolset } from '../protocol/team.ts';
import { closest } from './closest.ts';
import { prefixOf } from './mcp/names.ts';
import { FETCH_INSTRUCTION, fetchTools } from './fetch/fetch.ts';
import { FILESYSTEM_INSTRUCTION, filesystemTools } from './filesystem/toolset.ts';
import { handoff } from './handoff.ts';
import { SHELL_INSTRUCTION, shellTools } from './shell/shell.ts';
import { THINK_INSTRUCTION, thinkTools } from './think.ts';
import { TODO_INSTRUCTION, todoTools } from './todo.ts';
import type { BuiltinToolset } from './tool-table.ts';
import type { Tool, Toolset } from './tool.ts';
import { type SubAgent, transferTask } from './transfer-task.ts';
import { USER_PROMPT_INSTRUCTION, userPromptTools } from './user-prompt.ts';

export interface ToolsetOptions {
  /** Looks up `${env.NAME}` of a team's toolset options and instructions (R32). Default: no variable is set. */
  env?: (name: string) => string | undefined;
}

export interface AgentTools {
  toolsets: readonly ResolvedToolset[];
  sub_agents: readonly SubAgent[];
  /** Agents that it can give the conversation to. */
  handoffs?: readonly SubAgent[] | undefined;
  /** Made already, by the program that holds the Host. */
  given?: readonly Toolset[] | undefined;
  /** What is known of an MCP server by now; absent: nothing is. */
  mcp?: ((toolset: ResolvedToolset) => Toolset) | undefined;
}

type Lookup = (name: string) => string | undefined;

interface Maker {
  instruction: string;
  tools(options: Readonly<Record<string, unknown>>, lookup: Lookup): Tool[];
}

const MAKERS: Record<BuiltinToolset, Maker> = {
  filesystem: { instruction: FILESYSTEM_INSTRUCTION, tools: (options) => filesystemTools(options) },
  shell: { instruction: SHELL_INSTRUCTION, tools: shellTools },
  fetch: { instruction: FETCH_INSTRUCTION, tools: fetchTools },
  think: { instruction: THINK_INSTRUCTION, tools: thinkTools },
  todo: { instruction: TODO_INSTRUCTION, tools: todoTools },
  user_prompt: { instruction: USER_PROMPT_INSTRUCTION, tools: userPromptTools },
};

/**
 * The toolsets of one agent in the order of its team file, and `transfer_task` and `handoff` where it has agents for them. Throws `invalid_team` for a name in
 * `tools` that the toolset does not have and for two tools of one name (R16), UnsupportedError for a toolset that is not built.
 */
export function buildToolsets(agent: AgentTools, options: ToolsetOptions = {}): Toolset[] {
  const lookup = options.env ?? (() => undefined);
  const mcp = agent.mcp ?? noServer;
  const built = agent.toolsets.map((toolset) =>
    toolset.type === 'mcp' ? withInstruction(mcp(toolset), toolset, lookup) : buildToolset(toolset, lookup),
  );
  const [first, ...others] = agent.sub_agents;
  const [next, ...further] = agent.handoffs ?? [];
  const tools = [
    ...(first === undefined ? [] : [transferTask([first, ...others])]),
    ...(next === undefined ? [] : [handoff([next, ...further])]),
  ];
  if (tools.length > 0) built.push({ type: 'agents', name: 'agents', tools });
  built.push(...(agent.given ?? []));
  refuseTwins(built.filter(({ type }) => type !== 'mcp'));
  return hideTwins(built);
}

function noServer(toolset: ResolvedToolset): Toolset {
  return { type: 'mcp', name: prefixOf(toolset), tools: [] };
}

function withInstruction(made: Toolset, toolset: ResolvedToolset, lookup: Lookup): Toolset {
  if (toolset.instruction === undefined) return made;
  return { ...made, instruction: instructionOf(toolset, made.instruction ?? '', lookup) };
}

/** What a server offers under a name that is taken is left out, with a word about it (R16). */
function hideTwins(toolsets: readonly Toolset[]): Toolset[] {
  const owners = new Map<string, string>();
  const own = toolsets.filter(({ type }) => type !== 'mcp');
  for (const { name, tools } of own) for (const { definition } of tools) owners.set(definition.name, name);
  return toolsets.map((toolset) => {
    if (toolset.type !== 'mcp') return toolset;
    const notices = [...(toolset.notices ?? [])];
    const tools = toolset.tools.filter(({ definition }) => {
      const owner = owners.get(definition.name);
      if (owner === undefined) return owners.set(definition.name, toolset.name);
      notices.push(
        `the MCP server ${toolset.name} offers ${definition.name}, a name that ${owner} has already; it is left out: give the toolset another \`name\``,
      );
      return false;
    });
    return notices.length === 0 ? toolset : { ...toolset, tools, notices };
  });
}

function buildToolset(toolset: ResolvedToolset, lookup: Lookup): Toolset {
  const { type, name = type } = toolset;
  const maker = isBuiltin(type) ? MAKERS[type] : undefined;
  if (maker === undefined) throw new UnsupportedError(`the toolset ${type}`, 'in this version');
  const tools = allowed(maker.tools(toolset.options, lookup), toolset);
  return { type, name, instruction: instructionOf(toolset, maker.instruction, lookup), tools };
}

function isBuiltin(type: string): type is BuiltinToolset {
  return Object.hasOwn(MAKERS, type);
}

function allowed(tools: Tool[], { type, tools: names }: ResolvedToolset): Tool[] {
  if (names === undefined) return tools;
  const known = tools.map((tool) => tool.definition.name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const [near] = closest(name, known, 1);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    throw new YonderError(
      'invalid_team',
      `the toolset ${type} has no tool "${name}"${hint} It has: ${known.join(', ')}`,
      { details: { toolset: type, tool: name, available: known } },
    );
  }
  return tools.filter((tool) => names.includes(tool.definition.name));
}

function instructionOf({ instruction }: ResolvedToolset, original: string, lookup: Lookup): string {
  if (instruction === undefined) return original;
  // Expanded first: what a variable holds, and what we wrote ourselves, is not looked through again.
  const { text } = expandEnvironmentReferences(instruction, lookup);
  return text.replaceAll('{ORIGINAL_INSTRUCTIONS}', () => original);
}

function refuseTwins(toolsets: readonly Toolset[]): void {
  const owners = new Map<string, string>();
  for (const toolset of toolsets) {
    for (const { definition } of toolset.tools) {
      const owner = owners.get(definition.name);
      if (owner !== undefined) {
        throw new YonderError(
          'invalid_team',
          `the toolsets ${owner} and ${toolset.name} both have a tool ${definition.name}: give one of them other \`tools\``,
        );
      }
      owners.set(definition.name, toolset.name);
    }
  }
}
