import type { Command } from 'commander';
import type { McpFlags } from './commands/mcp-team.ts';
import type { PlaceFlags } from './flags/run-flags.ts';
import { addRemoteFlags } from './remote/remote-flags.ts';
import type { Io } from './terminal/io.ts';

type Done = (exit: number) => void;

/** `mcp`: the MCP servers of a team, and signing in at those that are remote. */
export function addMcp(program: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  const mcp = program
    .command('mcp')
    .description('MCP servers of a team, and signing in at those that are remote');
  const trust = ['--trust', 'say yes to what a found team would do before anybody is asked'] as const;
  addRemoteFlags(mcp.command('list', { isDefault: true }))
    .description('the servers of a team, and whether you are signed in there; no secrets')
    .argument('[team]', "a team file, folder, URL, alias or built-in name (default: the project's)")
    .option(...trust)
    .option('--json', 'one object per line')
    .action(async (team: string | undefined, flags: McpFlags) => {
      const { listMcp } = await import('./commands/mcp-list.ts');
      done(await listMcp(team, { ...places(), ...flags }, io));
    });
  addRemoteFlags(mcp.command('login'))
    .description('sign in with your browser; the tokens are kept where the servers are talked to')
    .argument('<server>', 'the name of a server of the team, or its address')
    .argument('[team]', "a team file, folder, URL, alias or built-in name (default: the project's)")
    .option(...trust)
    .action(async (server: string, team: string | undefined, flags: McpFlags) => {
      const { loginMcp } = await import('./commands/mcp-login.ts');
      done(await loginMcp(server, team, { ...places(), ...flags }, io));
    });
  addRemoteFlags(mcp.command('logout'))
    .description('forget the tokens of a server')
    .argument('<server>', 'the name of a server of the team, or its address')
    .argument('[team]', "a team file, folder, URL, alias or built-in name (default: the project's)")
    .option(...trust)
    .action(async (server: string, team: string | undefined, flags: McpFlags) => {
      const { logoutMcp } = await import('./commands/mcp-logout.ts');
      done(await logoutMcp(server, team, { ...places(), ...flags }, io));
    });
}
