import { safetySchema } from '../protocol/permissions.ts';
import type { ResolvedAgent, ResolvedModel } from '../protocol/team.ts';
import { milliseconds } from './duration.ts';
import { suggestion } from '../protocol/nearest.ts';
import { resolveCommands } from './resolve-commands.ts';
import { resolveHooks } from './resolve-hooks.ts';
import { referTo } from './resolve-models.ts';
import type { Resolution } from './resolution.ts';
import { resolveSkills } from './resolve-skills.ts';
import { resolveToolsets } from './resolve-toolset.ts';
import type { AgentEntry, TeamFile } from './schema/team.ts';

const DEFAULT_CONSECUTIVE_CALLS = 5;
const DEFAULT_RETRIES = 2;
const DEFAULT_COOLDOWN = '1m';
const DEFAULT_OLD_TOOL_CALL_TOKENS = 40_000;

/** One agent with every default filled in (reference/docker-agent.md 5.2). */
export function resolveAgent(
  name: string,
  entry: AgentEntry,
  file: TeamFile,
  models: Map<string, ResolvedModel>,
  resolution: Resolution,
  source: string,
): ResolvedAgent {
  const path = resolution.pathOf('agents', name);
  const agents = Object.keys(file.agents ?? {});
  const references = referTo(entry.model ?? 'auto', models, file, `${path}.model`, resolution);
  const safety = safetySchema.safeParse(entry.safety);
  return {
    name,
    description: entry.description ?? '',
    instruction: entry.instruction ?? '',
    ...(entry.welcome_message === undefined ? {} : { welcome_message: entry.welcome_message }),
    models: references.length === 0 ? ['auto'] : references,
    ...fallbackOf(entry, file, models, `${path}.fallback`, resolution),
    sub_agents: agentReferences(
      name,
      entry.sub_agents ?? [],
      agents,
      `${path}.sub_agents`,
      resolution,
      source,
    ),
    handoffs: agentReferences(name, entry.handoffs ?? [], agents, `${path}.handoffs`, resolution, source),
    toolsets: resolveToolsets(entry.toolsets ?? [], `${path}.toolsets`, resolution, file.mcps),
    add_date: entry.add_date ?? false,
    ...(entry.redact_secrets === true ? { redact_secrets: true } : {}),
    add_environment_info: entry.add_environment_info ?? false,
    add_prompt_files: promptFiles(
      entry.add_prompt_files ?? [],
      `${path}.add_prompt_files`,
      resolution,
      source,
    ),
    max_iterations: entry.max_iterations ?? 0,
    max_consecutive_tool_calls: entry.max_consecutive_tool_calls || DEFAULT_CONSECUTIVE_CALLS,
    max_old_tool_call_tokens: entry.max_old_tool_call_tokens || DEFAULT_OLD_TOOL_CALL_TOKENS,
    num_history_items: entry.num_history_items ?? 0,
    ...(safety.success ? { safety: safety.data } : {}),
    ...resolveSkills(entry, `${path}.skills`, resolution, source),
    ...(entry.commands === undefined
      ? {}
      : { commands: resolveCommands(entry.commands, `${path}.commands`, resolution) }),
    ...(entry.hooks === undefined ? {} : { hooks: resolveHooks(entry.hooks, `${path}.hooks`, resolution) }),
  };
}

function fallbackOf(
  { fallback }: AgentEntry,
  file: TeamFile,
  models: Map<string, ResolvedModel>,
  path: string,
  resolution: Resolution,
): Pick<ResolvedAgent, 'fallback'> {
  if (fallback === undefined) return {};
  const named = (fallback.models ?? []).flatMap((name, index) =>
    referTo(name, models, file, `${path}.models[${index}]`, resolution),
  );
  if (fallback.models?.length === 0)
    resolution.fault(`${path}.models`, 'a fallback names at least one model, as in [openai/gpt-4o-mini]');
  if (named.length === 0) return {};
  return {
    fallback: {
      models: [...new Set(named)],
      retries: Math.max(0, fallback.retries ?? DEFAULT_RETRIES),
      cooldown_ms: milliseconds(fallback.cooldown ?? DEFAULT_COOLDOWN),
    },
  };
}

/** Agents of this file. What names another file (`name:ref`, an address, an image) is known but not built. */
function agentReferences(
  self: string,
  names: readonly string[],
  agents: readonly string[],
  path: string,
  resolution: Resolution,
  source: string,
): string[] {
  const kept = new Set<string>();
  names.forEach((name, index) => {
    const here = `${path}[${index}]`;
    if (name === self)
      resolution.fault(here, `the agent "${name}" refers to itself; name another agent of this file`);
    else if (agents.includes(name)) kept.add(name);
    else if (/[/:]/.test(name)) resolution.later(here, `an agent of another file${besideUrl(name, source)}`);
    else
      resolution.fault(
        here,
        `unknown agent "${name}"${suggestion(name, agents) || `; there are ${agents.join(', ')}`}`,
      );
  });
  return [...kept];
}

/** Of a team by URL, what a relative name could stand for: it is not fetched, and no file of this machine is meant. */
function besideUrl(name: string, source: string): string {
  const path = name.replace(/^[^:/]+:(?!\/\/)/, '');
  if (!isUrl(source) || isUrl(path)) return '';
  return ` (${URL.parse(path, source)?.href ?? path}, which is not fetched with ${source})`;
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** They are looked for in the workspace and above it up to its root, so a name must not lead out of it. */
function promptFiles(
  names: readonly string[],
  path: string,
  resolution: Resolution,
  source: string,
): string[] {
  if (names.length > 0 && isUrl(source))
    resolution.warn(path, `${names.join(', ')}: looked for in the working folder, not beside ${source}`);
  names.forEach((name, index) => {
    const leaves = name === '' || /^(\/|~|[A-Za-z]:)/.test(name) || name.split(/[/\\]/).includes('..');
    if (leaves)
      resolution.fault(
        `${path}[${index}]`,
        `"${name}" is no name of a prompt file; write a name inside the workspace`,
      );
  });
  return [...new Set(names)];
}
