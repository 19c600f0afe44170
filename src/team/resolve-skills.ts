import { posix } from 'node:path';
import type { ResolvedAgent } from '../protocol/team.ts';
import type { Resolution } from './resolution.ts';
import type { AgentEntry } from './schema/team.ts';

/** The `skills` of an agent: `local`, folders beside the team's file, and names, which choose among all of them (reference/docker-agent.md 5.6). */
export function resolveSkills(
  { skills }: Pick<AgentEntry, 'skills'>,
  path: string,
  resolution: Resolution,
  source: string,
): Pick<ResolvedAgent, 'skills'> {
  if (skills === undefined || skills === false) return {};
  if (skills === true) return { skills: { local: true, folders: [] } };
  const folders: string[] = [];
  const names: string[] = [];
  skills.forEach((entry, index) => {
    const here = `${path}[${index}]`;
    if (entry === 'local') return;
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(entry)) resolution.later(here, `skills by an address (${entry})`);
    else if (isFolderName(entry)) {
      const folder = skillFolder(entry);
      if (folder === undefined)
        resolution.fault(
          here,
          `"${entry}" is no folder beside the team's file; write one below it, as ./skills`,
        );
      else if (/^https?:\/\//i.test(source))
        resolution.later(here, `skills beside a team by its address (${entry})`);
      else folders.push(folder);
    } else if (entry.trim() === '') resolution.fault(here, 'the name of a skill is empty');
    else names.push(entry);
  });
  if (skills.length === 0) return {};
  return {
    skills: {
      local: usesLocalSkills(skills),
      folders: [...new Set(folders)],
      ...(names.length === 0 ? {} : { names: [...new Set(names)] }),
    },
  };
}

/** Whether those of the workspace and of the user are among them. */
export function usesLocalSkills(skills: AgentEntry['skills']): boolean {
  if (skills === undefined || typeof skills === 'boolean') return skills === true;
  return skills.includes('local') || (skills.length > 0 && !skills.some(isFolderName));
}

/** A word with a slash in it, and `.`, is a folder; any other is a name. */
export function isFolderName(entry: string): boolean {
  return entry === '.' || entry === '..' || /[/\\]/.test(entry) || entry.startsWith('~');
}

/** The folder of such a word, from the team's file; undefined where it leads elsewhere. */
export function skillFolder(entry: string): string | undefined {
  if (/^[/~]|^[A-Za-z]:|\\/.test(entry)) return undefined;
  const folder = posix.normalize(entry).replace(/\/+$/, '');
  return folder === '..' || folder.startsWith('../') ? undefined : folder;
}
