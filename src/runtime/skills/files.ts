import { YonderError } from '../../protocol/errors.ts';
import { LEFT_BEHIND } from '../../protocol/skills.ts';
import type { DirectoryEntry, Workspace } from '../../protocol/workspace.ts';

/** Files that skills are read from, below one root that nothing leads out of. Rejects with `not_found`, `path_escape` and the like. */
export interface SkillFiles {
  /** The folder's entries, sorted by name, and where it really is, so that two names of one folder count once. */
  list(folder: string, limit: number): Promise<{ path: string; entries: readonly DirectoryEntry[] }>;
  /** The first `limit` bytes, and the size of all. */
  read(path: string, limit: number): Promise<{ bytes: Uint8Array; size: number }>;
}

/** Those of a workspace, links judged where its tools act (R17). */
export function workspaceFiles(workspace: () => Promise<Workspace>): SkillFiles {
  return {
    list: async (folder, limit) => (await workspace()).list(folder, { limit }),
    read: async (path, limit) => (await workspace()).readFile(path, { length: limit }),
  };
}

/** Those that came with a team, by their paths beside its file. */
export function broughtFiles(files: Readonly<Record<string, string>>): SkillFiles {
  let folders: Map<string, Map<string, DirectoryEntry>> | undefined;
  return {
    list: async (folder) => {
      folders ??= foldersOf(Object.keys(files));
      const entries = folders.get(folder);
      if (entries === undefined) throw missing(folder);
      return { path: folder, entries: [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
    },
    read: async (path, limit) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      if (text === undefined) throw missing(path);
      if (text.startsWith(LEFT_BEHIND))
        throw new YonderError('invalid_request', text.slice(LEFT_BEHIND.length));
      const bytes = new TextEncoder().encode(text);
      return { bytes: bytes.subarray(0, limit), size: bytes.byteLength };
    },
  };
}

/** The entries of each folder that is on the way to a file; `.` is the one that all are in. */
function foldersOf(paths: readonly string[]): Map<string, Map<string, DirectoryEntry>> {
  const folders = new Map<string, Map<string, DirectoryEntry>>();
  for (const path of paths) {
    let folder = '.';
    const names = path.split('/');
    for (const [index, name] of names.entries()) {
      const entries = folders.get(folder) ?? new Map<string, DirectoryEntry>();
      folders.set(folder, entries);
      entries.set(name, { name, type: index < names.length - 1 ? 'directory' : 'file' });
      folder = folder === '.' ? name : `${folder}/${name}`;
    }
  }
  return folders;
}

function missing(path: string): YonderError {
  return new YonderError(
    'not_found',
    `nothing came of it with the team; ${path} is not there, or holds no SKILL.md`,
  );
}
