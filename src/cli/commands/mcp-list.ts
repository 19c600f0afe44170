import type { ResponseOf } from '../../protocol/contract/contract.ts';
import { looking } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import { printable } from '../terminal/style.ts';
import { mcpTeam, type McpFlags } from './mcp-team.ts';
import { withBackend } from './with-backend.ts';

type Server = ResponseOf<'mcp/list'>['servers'][number];

/** `yonder mcp list [team] [--json]` */
export function listMcp(team: string | undefined, flags: McpFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: true }, async (backend, output, server) => {
    const asked = await mcpTeam(team, { flags, io, backend, output, server });
    const { servers } = await backend.listMcp(looking(), asked);
    for (const one of servers)
      await output.text(flags.json === true ? `${JSON.stringify(one)}\n` : `${lineOf(one)}\n`);
    if (servers.length === 0) output.note('the team has no MCP servers');
    return 0;
  });
}

const STATES: Record<Server['state'], string> = {
  no_sign_in: 'started by a command, no sign-in',
  own_key: 'the team sends a key of its own',
  signed_in: 'signed in',
  expired: 'signed in; the token is renewed when it is used',
  signed_out: 'not signed in',
};

function lineOf({ name, transport, url, state, scope }: Server): string {
  const where = url === undefined ? transport : `${transport} ${printable(url)}`;
  return `${printable(name)}  ${where}  ${STATES[state]}${scope === undefined || scope === '' ? '' : ` (${printable(scope)})`}`;
}
