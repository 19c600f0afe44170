import { dirname, join } from 'node:path';
import type { LoopContext } from '../loop/context.ts';

/** Folders of a team's skills beside its file: they govern as the file does (R13). Those that the field knows are in the table of governing files. */
export function skillFolderNames({ team, settings }: Pick<LoopContext, 'team' | 'settings'>): string[] {
  const { source } = settings;
  if (source?.kind !== 'inline') return [];
  const folders = team.agents.flatMap(({ skills }) => skills?.folders ?? []);
  return folders.map((folder) => join(dirname(source.entry), folder));
}
