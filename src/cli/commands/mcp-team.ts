import { readUserConfig } from '../../config/user-config.ts';
import { trustFileIn } from '../../config/trust.ts';
import type { Backend } from '../../protocol/backend.ts';
import type { LoadTeamRequest } from '../../protocol/contract/payloads.ts';
import { withEnvironment } from '../flags/environment.ts';
import { placesOf } from '../places.ts';
import type { RemoteServer } from '../remote/remote-server.ts';
import { looking } from '../request-context.ts';
import { reservedNames } from '../reserved-names.ts';
import { trustFor } from '../run/trust.ts';
import { namedTeam, unnamedTeam, type ChosenTeam } from '../team-argument.ts';
import { canAsk, type Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import type { LookFlags } from './with-backend.ts';

export interface McpFlags extends LookFlags {
  trust?: boolean;
}

/**
 * The team that a command about MCP servers means, with the yes to it: the named one, else the project's, or the one that a server serves. A server
 * that is named by its address needs none.
 */
export async function mcpTeam(
  word: string | undefined,
  asked: { flags: McpFlags; io: Io; backend: Backend; output: Output; server: RemoteServer | undefined },
  address?: string,
): Promise<Pick<LoadTeamRequest, 'source' | 'trust'>> {
  const { flags, io, backend, output, server } = asked;
  const isAddress = /^https?:\/\//i.test(address ?? '');
  if (word === undefined && (server !== undefined || isAddress)) return {};
  const places = placesOf(withEnvironment(flags, io.env), io);
  const { aliases } = await readUserConfig(places.configFile, { reserved: reservedNames(io) });
  const team: ChosenTeam =
    word === undefined ? await unnamedTeam(io.cwd, io) : await namedTeam(word, aliases, io);
  const { source } = team;
  const { needs_trust } = await backend.loadTeam(looking(), { source });
  const trust = await trustFor(needs_trust, {
    team,
    said: flags.trust === true,
    ask: canAsk(io),
    file: trustFileIn(places.data),
    io,
    output,
  });
  return { source, ...(trust === undefined ? {} : { trust }) };
}
