import { YonderError } from '../../protocol/errors.ts';
import type { ResolvedTeam } from '../../protocol/team.ts';
import { prefixOf } from '../../tools/mcp/names.ts';
import { serverKey } from '../../tools/mcp/oauth/kept.ts';
import { remoteOptions } from './remote-options.ts';

/** An MCP server of a team, once for all agents that have it. */
export interface TeamServer {
  name: string;
  agents: string[];
  transport: 'stdio' | 'streamable' | 'sse';
  /** As it stands in the team. */
  remote: unknown;
  url: string | undefined;
  callback_port: number | undefined;
  hasOwnKey: boolean;
}

export function teamServers(team: ResolvedTeam): TeamServer[] {
  const servers = new Map<string, TeamServer>();
  for (const agent of team.agents) {
    for (const toolset of agent.toolsets.filter(({ type }) => type === 'mcp')) {
      const name = prefixOf(toolset);
      const made = serverOf(name, toolset.options['remote']);
      const key = `${name} ${made.url ?? ''}`;
      const known = servers.get(key);
      if (known === undefined) servers.set(key, { ...made, agents: [agent.name] });
      else if (!known.agents.includes(agent.name)) known.agents.push(agent.name);
    }
  }
  return [...servers.values()];
}

function serverOf(name: string, remote: unknown): TeamServer {
  const common = { name, agents: [], remote };
  if (remote === undefined)
    return { ...common, transport: 'stdio', url: undefined, callback_port: undefined, hasOwnKey: false };
  const { url, transport_type, headers, oauth } = remoteOptions(name, remote);
  return {
    ...common,
    transport: transport_type,
    url,
    callback_port: oauth.callback_port,
    hasOwnKey: Object.keys(headers).some((header) => header.toLowerCase() === 'authorization'),
  };
}

/** The remote server that a person means: by its name in the team, or by its address, which needs no team. Throws `not_found` with the names. */
export function findServer(team: ResolvedTeam, asked: string): { name: string; remote: unknown } {
  const isAddress = /^https?:\/\//i.test(asked) && URL.canParse(asked);
  const remote = teamServers(team).filter(({ transport }) => transport !== 'stdio');
  const found = remote.find(
    ({ name, url }) => name === asked || (isAddress && url !== undefined && isSame(url, asked)),
  );
  if (found !== undefined) return found;
  if (isAddress) return { name: new URL(asked).host, remote: { url: asked } };
  const names = remote.map(({ name }) => name);
  throw new YonderError(
    'not_found',
    `the team ${team.name} has no remote MCP server ${asked}; ${names.length === 0 ? 'it has none: name one by its address' : `it has ${names.join(', ')}`}`,
    { details: { names } },
  );
}

function isSame(url: string, other: string): boolean {
  return URL.canParse(url) && serverKey(url) === serverKey(other);
}
