import type { UserConfig } from '../../config/user-config.ts';
import type { Serving } from '../../runtime/host/serving.ts';
import type { OpenedHost } from '../backend.ts';
import { looking } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import type { Say } from './say.ts';
import type { ServeFlags } from './serve-flags.ts';
import { ServedTeams } from './served-teams.ts';

/** Reads the teams of the command line, has the Host check each, and serves them. Warnings go to stderr. */
export async function serveTeams(input: {
  flags: ServeFlags;
  words: readonly string[];
  config: UserConfig;
  io: Io;
  host: OpenedHost;
  serving: Serving;
  say: Say;
}): Promise<ServedTeams> {
  const { flags, words, config, io, host, serving, say } = input;
  const teams = await ServedTeams.read({
    words,
    aliases: config.aliases,
    io,
    fetching: host.fetching,
    trust: flags.trust === true,
  });
  serving.teams = teams.teams;
  for (const { name } of teams.teams) {
    const { warnings } = await host.backend.loadTeam(looking(), { source: { kind: 'served', name } });
    for (const { message, where } of warnings)
      say(`${where.file}:${where.line}:${where.column}: ${message}`, 'warning');
  }
  return teams;
}
