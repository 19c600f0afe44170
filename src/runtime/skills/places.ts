import type { ResolvedTeam } from '../../protocol/team.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import type { SkillFolder } from './discover.ts';
import { broughtFiles, workspaceFiles } from './files.ts';

/** Folders of skills that the field knows, below a workspace's root and below a user's home. */
export const SKILL_FOLDERS = [
  '.yonder/skills',
  '.agents/skills',
  '.claude/skills',
  '.codex/skills',
  '.github/skills',
] as const;

/** Folders of this Host that hold skills of its user. */
export interface UserSkills {
  /** Absolute; nothing below leads out of it. */
  root: string;
  folders: readonly string[];
  /** How the root is called in words, e.g. `~`. */
  shown: string;
}

export interface SkillPlaces {
  team: ResolvedTeam;
  workspace: () => Promise<Workspace>;
  /** The workspace's folder, absolute. */
  working_dir: string;
  user: readonly UserSkills[];
  /** A folder of this Host, only for reading. */
  openFolder(root: string): Promise<Workspace>;
}

/** Everything that a team's skills may be in, in the order in which names are taken; the workspaces that it opens are for the caller to close. */
export function skillFolders(places: SkillPlaces, opened: Workspace[]): SkillFolder[] {
  const { team } = places;
  const wanting = team.agents.flatMap(({ skills }) => skills ?? []);
  const named = [...new Set(wanting.flatMap(({ folders }) => folders))];
  const brought = broughtFiles(team.skill_files ?? {});
  const folders: SkillFolder[] = named.map((folder) => ({
    source: 'team',
    root: folder,
    folder,
    files: brought,
    shown: (path) => `${path} (of the team)`,
    required: true,
  }));
  if (!wanting.some(({ local }) => local)) return folders;
  const here = workspaceFiles(places.workspace);
  for (const folder of SKILL_FOLDERS)
    folders.push({
      source: 'workspace',
      root: '',
      folder,
      files: here,
      shown: (path) => path,
      required: false,
    });
  // What lies outside of the workspace is not read for a team that nobody trusts (R4).
  if (!team.trusted) return folders;
  for (const { root, folders: names, shown } of places.user) {
    // Who works in their home has these as the workspace's.
    if (root === places.working_dir) continue;
    let opening: Promise<Workspace> | undefined;
    const open = (): Promise<Workspace> =>
      (opening ??= places.openFolder(root).then((workspace) => {
        opened.push(workspace);
        return workspace;
      }));
    const files = workspaceFiles(open);
    for (const folder of names)
      folders.push({
        source: 'user',
        root,
        folder,
        files,
        shown: (path) => (path === '.' ? shown : `${shown}/${path}`),
        required: false,
      });
  }
  return folders;
}
