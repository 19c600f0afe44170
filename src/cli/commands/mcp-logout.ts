import { changing } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import { mcpTeam, type McpFlags } from './mcp-team.ts';
import { withBackend } from './with-backend.ts';

/** `yonder mcp logout <server> [team]`: forgets what is kept; the server itself is not told. */
export function logoutMcp(
  wanted: string,
  team: string | undefined,
  flags: McpFlags,
  io: Io,
): Promise<number> {
  return withBackend(flags, io, { readOnly: false }, async (backend, output, server) => {
    const asked = await mcpTeam(team, { flags, io, backend, output, server }, wanted);
    const { url, was_signed_in } = await backend.logoutMcp(changing(), { ...asked, server: wanted });
    await output.text(was_signed_in ? `signed out of ${url}\n` : `you were not signed in at ${url}\n`);
    return 0;
  });
}
