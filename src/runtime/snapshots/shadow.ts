import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { sha256 } from '../../process/digest.ts';
import { git, type GitPlace } from './git.ts';

/** Our own git repository over a folder: its objects and index lie in Yonder's data folder. */
export interface Shadow extends GitPlace {
  /** Where it lies. */
  readonly home: string;
  /** What is taken, below the work tree: `.` for all of it. */
  readonly scope: string;
  readonly lock: string;
}

export interface ShadowOptions {
  /** Holds the repositories of all folders. */
  readonly root: string;
  readonly folder: string;
  readonly git: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Yonder's own folders: never in a snapshot. */
  readonly own_folders: readonly string[];
}

const CONFIG = `[core]
	repositoryformatversion = 0
	bare = false
	fileMode = true
	symlinks = true
	ignoreCase = false
	precomposeUnicode = false
	autocrlf = false
	fsmonitor = false
	untrackedCache = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	looseCompression = 1
	quotePath = false
[gc]
	auto = 0
`;

/** Bytes go in and come out as they are: these beat every .gitattributes of the folder. */
const ATTRIBUTES = '* -text !eol -crlf -ident -filter !working-tree-encoding\n';

/** The shadow of a folder, made at its first use. The folder need not be in a git repository. */
export async function openShadow(options: ShadowOptions): Promise<Shadow> {
  const folder = realpathSync(options.folder);
  const home = join(options.root, sha256(folder).slice(0, 24));
  const repository = repositoryOf(folder);
  const shadow = (work_tree: string): Shadow => ({
    program: options.git,
    env: options.env,
    home,
    git_dir: join(home, 'git'),
    index: join(home, 'index'),
    lock: join(home, 'lock'),
    work_tree,
    scope: relative(work_tree, folder) || '.',
  });
  make(home, folder);
  const whole = shadow(repository?.top ?? folder);
  const place = (await isIgnored(whole)) ? shadow(folder) : whole;
  const excluded = [
    repository === undefined ? '' : readOptional(join(repository.common, 'info', 'exclude')),
    ...options.own_folders.flatMap((own) => exclusion(place.work_tree, own)),
  ];
  writeFileSync(join(place.git_dir, 'info', 'exclude'), `${excluded.join('\n')}\n`, { mode: 0o600 });
  return place;
}

function make(home: string, folder: string): void {
  const git_dir = join(home, 'git');
  if (existsSync(join(git_dir, 'HEAD'))) return;
  for (const name of ['objects', 'refs', 'info'])
    mkdirSync(join(git_dir, name), { recursive: true, mode: 0o700 });
  const write = (name: string, text: string): void =>
    writeFileSync(join(git_dir, name), text, { mode: 0o600 });
  write('config', CONFIG);
  write(join('info', 'attributes'), ATTRIBUTES);
  writeFileSync(join(home, 'folder'), `${folder}\n`, { mode: 0o600 });
  // Last: with it the repository is whole.
  write('HEAD', 'ref: refs/heads/none\n');
}

/** The user's repository that the folder lies in, found as git finds it, without asking their git. */
function repositoryOf(folder: string): { top: string; common: string } | undefined {
  for (let top = folder; ; top = dirname(top)) {
    const marker = join(top, '.git');
    const found = lstatSync(marker, { throwIfNoEntry: false });
    if (found?.isDirectory() === true && existsSync(join(marker, 'HEAD'))) return { top, common: marker };
    if (found?.isFile() === true) {
      const [, target] = /^gitdir: (.+)$/m.exec(readFileSync(marker, 'utf8')) ?? [];
      if (target !== undefined) {
        const git_dir = resolve(top, target);
        const common = readOptional(join(git_dir, 'commondir')).trim();
        return { top, common: common === '' ? git_dir : resolve(git_dir, common) };
      }
    }
    if (top === dirname(top)) return undefined;
  }
}

/** A folder that its repository ignores would have no files at all: it is then taken by itself. */
async function isIgnored(shadow: Shadow): Promise<boolean> {
  if (shadow.scope === '.') return false;
  const listed = await git(shadow, [
    'ls-files',
    '-o',
    '-i',
    '--exclude-standard',
    '--directory',
    '-z',
    '--',
    shadow.scope,
  ]);
  return listed.toString('utf8').split('\0').includes(`${shadow.scope}/`);
}

function exclusion(work_tree: string, own: string): string[] {
  const below = posix.relative(work_tree, own);
  if (below === '' || below.startsWith('..')) return [];
  return [`/${below.replaceAll(/[\\*?[\]]/g, '\\$&')}/`];
}

function readOptional(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
