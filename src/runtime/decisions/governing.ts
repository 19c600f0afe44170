import { normalizePath } from './normalize-path.ts';

/**
 * Files that govern what agents may do and what they are told (R13): a tool writes them only after a required ask.
 * `names` are last segments, `folders` and `files` are parts of the path that begin at a segment.
 */
export const GOVERNING_FILES = {
  names: [
    'yonder.yaml',
    'yonder.yml',
    'yonder.config.yaml',
    'yonder.config.yml',
    'docker-agent.yaml',
    'docker-agent.yml',
    'agent.yaml',
    'agent.yml',
    'agents.md',
    'agents.override.md',
    'claude.md',
    'gemini.md',
    'skill.md',
    '.bashrc',
    '.bash_profile',
    '.bash_login',
    '.bash_logout',
    '.bash_aliases',
    '.profile',
    '.zshrc',
    '.zshenv',
    '.zprofile',
    '.zlogin',
    '.zlogout',
    '.kshrc',
    '.mkshrc',
    '.cshrc',
    '.tcshrc',
    '.login',
    '.inputrc',
    '.envrc',
    '.gitconfig',
  ],
  files: ['.git/config', '.git/config.worktree', '.config/git/config', 'etc/profile', 'etc/bash.bashrc'],
  folders: [
    '.git/hooks',
    '.husky',
    '.yonder',
    '.agents',
    '.claude',
    'skills',
    '.config/yonder',
    '.local/share/yonder',
    '.local/state/yonder',
    '.cache/yonder',
    '.config/fish',
    'etc/profile.d',
  ],
} as const;

const GIT_MODULE = /(?:^|\/)\.git\/(?:modules|worktrees)\/.+\/(?:hooks(?:\/.*)?|config(?:\.worktree)?)$/;

export interface GoverningOptions {
  /** The session's own: its team file, hook scripts, prompt files, skill folders, this program's folders. A folder governs all below it. */
  extra?: readonly string[];
}

/** Whether a path, relative to the workspace or absolute, is one of the files that govern. */
export function isGoverningPath(path: string, options: GoverningOptions = {}): boolean {
  const normal = normalizePath(path);
  const anywhere = `/${normal}`.replace(/^\/+/, '/');
  const name = anywhere.slice(anywhere.lastIndexOf('/') + 1);
  if (name === '.git' || GOVERNING_FILES.names.some((entry) => entry === name)) return true;
  if (GOVERNING_FILES.files.some((entry) => anywhere.endsWith(`/${entry}`))) return true;
  if (GOVERNING_FILES.folders.some((entry) => `${anywhere}/`.includes(`/${entry}/`))) return true;
  if (GIT_MODULE.test(normal)) return true;
  return (options.extra ?? []).some((entry) => {
    const own = normalizePath(entry);
    return normal === own || normal.startsWith(own === '/' ? own : `${own}/`);
  });
}
