import { BUILT_IN_TEAM_NAMES } from '../team/index.ts';
import { buildProgram } from './program.ts';
import type { Io } from './terminal/io.ts';

/** What an alias may not be called: it would stand before a command or a built-in team, or never be reached. */
export function reservedNames(io: Io): string[] {
  const commands = buildProgram(io, () => {}).commands.map((command) => command.name());
  return [...commands, 'help', ...BUILT_IN_TEAM_NAMES];
}
