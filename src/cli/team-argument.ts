import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { followAlias } from '../config/check-aliases.ts';
import type { Alias } from '../config/user-config.ts';
import { YonderError } from '../protocol/errors.ts';
import type { TeamSource } from '../protocol/team.ts';
import { BUILT_IN_TEAM_NAMES, findProjectTeam, readTeamSource } from '../team/index.ts';
import { isSecretPath } from '../runtime/decisions/secrets.ts';
import { readStdin } from './run/messages.ts';
import type { Io } from './terminal/io.ts';

/** A team, and whether a person named it: a project file found by search was named by nobody (R4). */
export interface ChosenTeam {
  source: TeamSource;
  named: boolean;
  /** What a person reads: the path, URL or name. */
  shown: string;
  alias?: Alias;
}

type Aliases = Readonly<Record<string, Alias>>;

export const isUrl = (word: string): boolean => /^https?:\/\//i.test(word);

/** What messages call the team that came from stdin. */
export const STDIN = 'stdin';

/** Issue 2 section 8: a team exists, is a URL, an alias or a built-in name, or ends in .yaml, .yml or .hcl; `-` as the first word is one from stdin. */
export async function isTeam(word: string, aliases: Aliases, io: Io): Promise<boolean> {
  refuseOtherScheme(word);
  if (word === '-' || isUrl(word) || /\.(?:ya?ml|hcl)$/i.test(word)) return true;
  if (Object.hasOwn(aliases, word) || BUILT_IN_TEAM_NAMES.includes(word)) return true;
  return word !== '' && !word.includes('\0') && (await pathExists(resolve(io.cwd, word)));
}

/** `ftp://host/team.yaml` would be a message to a model. */
function refuseOtherScheme(word: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/\S*$/i.exec(word)?.[1];
  if (scheme === undefined || isUrl(word)) return;
  throw new YonderError(
    'invalid_request',
    `${word}: a team is not read from ${scheme}://; give an https:// address, a file, a folder, an alias or a built-in name. As a message: yonder run default "${word}"`,
  );
}

/** Whether something is at a path; `invalid_request` where that cannot be said. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    // A message is longer than any name may be, or has slashes in it.
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL'].includes(String(code))) return false;
    throw new YonderError('invalid_request', `${path} cannot be looked at (${String(code)})`, { cause });
  }
}

/** The team that a word names. */
export async function namedTeam(word: string, aliases: Aliases, io: Io): Promise<ChosenTeam> {
  const alias = followAlias(word, aliases);
  if (alias !== undefined)
    return { ...(await namedTeam(fromHome(alias.path, io.home), {}, io)), shown: word, alias };
  if (isUrl(word)) return { source: { kind: 'url', url: word }, named: false, shown: word };
  if (word === '-') return { source: await stdinTeam(io), named: false, shown: STDIN };
  const path = resolve(io.cwd, word);
  // A file of that name stands before the built-in team: it is what the person sees in the folder.
  if (BUILT_IN_TEAM_NAMES.includes(word) && !(await pathExists(path))) {
    return { source: { kind: 'builtin', name: word }, named: true, shown: word };
  }
  const { entry, files } = await readTeamSource(word.startsWith('/') ? word : path, isSecretPath);
  const { [entry]: text = '', ...beside } = files;
  // The text travels under the name as it was typed, so that messages name what the person knows.
  const typed = entry === path ? word : entry;
  return {
    source: { kind: 'inline', entry: typed, files: { ...beside, [typed]: text } },
    named: true,
    shown: typed,
  };
}

async function stdinTeam(io: Io): Promise<TeamSource> {
  if (io.stdin.isTTY === true)
    throw new YonderError(
      'invalid_request',
      'the team - is read from stdin, which is a terminal; pipe a team file in, or name one',
    );
  const text = await readStdin(io, 'a team file');
  // Anything with agents, broken or not, is for the loader to judge; the rest is a message that stands in the wrong place.
  if (/^\s*\{|^["']?agents["']?\s*:/m.test(text))
    return { kind: 'inline', entry: STDIN, files: { [STDIN]: text } };
  throw new YonderError(
    'invalid_team',
    'stdin is not a team file: `-` as the first word is a team; a message from stdin comes after the team, e.g. yonder run default -',
  );
}

function fromHome(path: string, home: string): string {
  return path.startsWith('~/') ? join(home, path.slice(2)) : path;
}

/** Without a named team: the project's, found upwards and untrusted, else the built-in `default`. */
export async function unnamedTeam(folder: string, io: Io): Promise<ChosenTeam> {
  const found = await findProjectTeam(folder, io.home);
  if (found === undefined)
    return { source: { kind: 'builtin', name: 'default' }, named: true, shown: 'default' };
  return { source: await readTeamSource(found, isSecretPath), named: false, shown: found };
}
