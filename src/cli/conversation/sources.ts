import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMANDS } from './commands/table.ts';
import type { Talk } from './commands/command.ts';
import { teamCommands } from '../run/team-command.ts';
import { skillsToType } from '../run/team-skills.ts';
import type { CompletionSources } from './complete.ts';

/** What Tab chooses from. What cannot be asked offers nothing: nobody waits for a completion to fail. */
export function completionSources(talk: Talk, workingDir: () => string): CompletionSources {
  return {
    commands: async () => {
      const own = await teamCommands(talk.runtime()).catch(() => []);
      const names = [...COMMANDS, ...own].map(({ name }) => name);
      const skills = await skillsToType(talk.runtime(), names).catch(() => []);
      return [...names, ...skills.map(({ name }) => name)];
    },
    words: async (name) => {
      const command = COMMANDS.find((one) => one.name === name);
      return (await command?.words?.(talk).catch(() => [])) ?? [];
    },
    files: (folder) => namesIn(join(workingDir(), folder)),
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  } catch {
    return []; // not a folder, not readable, or on another machine
  }
}
