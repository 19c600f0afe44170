import type { ResolvedToolset } from '../protocol/team.ts';
import { suggestion } from '../protocol/nearest.ts';
import type { Resolution } from './resolution.ts';
import { refuseTwinServers, resolveServer, type McpEntries } from './resolve-server.ts';
import type { AgentEntry } from './schema/team.ts';
import { BUILT_IN_TOOLS } from './schema/toolsets.ts';

export type ToolsetEntry = NonNullable<AgentEntry['toolsets']>[number];

/** The keys that a resolved toolset carries under their own names; all others are its options. */
const OWN_KEYS = new Set(['type', 'name', 'tools', 'instruction', 'trusted']);

/** The toolsets of one agent. Two that offer the same tool are an error, since its name would not say whose it is (R16). */
export function resolveToolsets(
  entries: readonly ToolsetEntry[],
  path: string,
  resolution: Resolution,
  mcps: McpEntries = {},
): ResolvedToolset[] {
  const owners = new Map<string, number>();
  const servers = new Map<string, number>();
  return entries.map((written, index) => {
    const here = `${path}[${index}]`;
    const entry = written.type === 'mcp' ? resolveServer(written, mcps, here, resolution) : written;
    if (written.type === 'mcp') refuseTwinServers(entry, here, servers, resolution);
    for (const tool of offeredTools(entry, here, resolution)) {
      const owner = owners.get(tool);
      if (owner === undefined) owners.set(tool, resolution.placeOf(here).line);
      else {
        resolution.fault(
          here,
          `the tool "${tool}" is offered by the toolset in line ${owner} already; give one of them other \`tools\``,
        );
        break;
      }
    }
    if (entry['allowed_domains'] !== undefined && entry['blocked_domains'] !== undefined)
      resolution.fault(here, 'allowed_domains and blocked_domains exclude each other; keep one of them');
    return resolveToolset(entry, resolution.placeOf(here).line);
  });
}

function resolveToolset(entry: ToolsetEntry, line: number): ResolvedToolset {
  const options = Object.fromEntries(Object.entries(entry).filter(([key]) => !OWN_KEYS.has(key)));
  return {
    type: entry.type,
    ...(entry.name === undefined ? {} : { name: entry.name }),
    ...(entry.tools === undefined ? {} : { tools: entry.tools }),
    ...(entry.instruction === undefined ? {} : { instruction: entry.instruction }),
    ...(entry['trusted'] === true ? { trusted: true } : {}),
    options: entry.type === 'filesystem' ? { ignore_vcs: true, ...options } : options,
    line,
  };
}

/** The built-in tools that a toolset offers; a name in `tools` that it does not have is an error. */
function offeredTools(entry: ToolsetEntry, path: string, resolution: Resolution): readonly string[] {
  const known = Object.hasOwn(BUILT_IN_TOOLS, entry.type) ? BUILT_IN_TOOLS[entry.type] : undefined;
  if (known === undefined) return [];
  entry.tools?.forEach((tool, index) => {
    const here = `${path}.tools[${index}]`;
    if (known.later.includes(tool)) resolution.later(here, `the tool ${tool}`);
    else if (!known.built.includes(tool)) {
      const hint = suggestion(tool, known.built) || `; there are ${known.built.join(', ')}`;
      resolution.fault(here, `the toolset ${entry.type} has no tool "${tool}"${hint}`);
    }
  });
  return known.built.filter((tool) => entry.tools?.includes(tool) ?? true);
}
