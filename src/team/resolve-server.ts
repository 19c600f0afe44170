import { suggestion } from '../protocol/nearest.ts';
import type { Resolution } from './resolution.ts';
import type { ToolsetEntry } from './resolve-toolset.ts';
import type { TeamFile } from './schema/team.ts';

export type McpEntries = NonNullable<TeamFile['mcps']>;

/** An MCP toolset with what its `ref` stands for; what the toolset says itself counts more. */
export function resolveServer(
  entry: ToolsetEntry,
  mcps: McpEntries,
  path: string,
  resolution: Resolution,
): ToolsetEntry {
  const named = ['command', 'remote', 'ref'].filter((key) => entry[key] !== undefined);
  if (named.length !== 1) {
    const has = named.length === 0 ? 'none of them' : named.join(' and ');
    resolution.fault(path, `an MCP server has one of command, remote and ref; this one has ${has}`);
    return entry;
  }
  checkAddress(entry, path, resolution);
  const { ref, ...own } = entry;
  if (typeof ref !== 'string') return entry;
  if (ref.startsWith('docker:')) {
    resolution.later(`${path}.ref`, `the MCP catalogue of Docker (${ref})`);
    return entry;
  }
  const found = Object.hasOwn(mcps, ref) ? mcps[ref] : undefined;
  if (found === undefined) {
    const names = Object.keys(mcps);
    const hint =
      suggestion(ref, names) || (names.length === 0 ? '; there are none' : `; there are ${names.join(', ')}`);
    resolution.fault(`${path}.ref`, `no MCP server "${ref}" under mcps${hint}`);
    return entry;
  }
  if (found.command === undefined && found['remote'] === undefined)
    resolution.fault(`${path}.ref`, `the MCP server "${ref}" under mcps has neither command nor remote`);
  return { name: ref, ...found, ...own, type: 'mcp' };
}

/** An address with a variable in it is known when it is used. */
function checkAddress(entry: ToolsetEntry, path: string, resolution: Resolution): void {
  const { url } = (entry['remote'] ?? {}) as { url?: string };
  if (url === undefined || url.includes('${')) return;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    resolution.fault(`${path}.remote.url`, `"${url}" is no http or https address`);
}

/** The same server twice under one name offers the same tools twice, which is an error where both offer all or one in common (R16). */
export function refuseTwinServers(
  entry: ToolsetEntry,
  path: string,
  known: Map<string, number>,
  resolution: Resolution,
): void {
  const server = JSON.stringify([entry.name, entry['command'], entry['args'], entry['remote']]);
  for (const tool of entry.tools ?? ['*']) {
    const line = [tool, '*']
      .map((name) => known.get(`${server} ${name}`))
      .find((found) => found !== undefined);
    if (line !== undefined) {
      resolution.fault(
        path,
        `the MCP server in line ${line} is the same and offers the same tools; give one of them another \`name\` or other \`tools\``,
      );
      return;
    }
  }
  const { line } = resolution.placeOf(path);
  for (const tool of entry.tools ?? ['*']) known.set(`${server} ${tool}`, line);
}
