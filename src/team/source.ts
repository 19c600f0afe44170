import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { YonderError } from '../protocol/errors.ts';
import type { TeamSource } from '../protocol/team.ts';
import { MAX_TEAM_BYTES } from './document.ts';
import { skillFilesOf } from './skill-files.ts';
import { suggestion } from '../protocol/nearest.ts';
import { invalidFile } from './problem.ts';

export type InlineSource = Extract<TeamSource, { kind: 'inline' }>;

/** What a folder's team file may be called, in the order in which they are looked for. */
export const TEAM_FILE_NAMES: readonly string[] = ['yonder', 'docker-agent', 'agent'].flatMap((name) => [
  `${name}.yaml`,
  `${name}.yml`,
]);

/**
 * Reads the team file at a path, or of a folder, for the client side: the text travels on as an inline source, with the skills that it names beside it. The entry is the path as it was given, for
 * messages. Throws `invalid_team` for what cannot be read as text, and says what is near or what was looked for.
 */
export async function readTeamSource(
  path: string,
  /** Of files beside it, those that may hold secrets. */
  isSecret: (path: string) => boolean,
): Promise<InlineSource> {
  const entry = (await isFolder(path)) ? await teamOfFolder(path) : path;
  const bytes = await readTeamFile(entry);
  const text = decode(entry, bytes);
  const beside = await skillFilesOf({ entry, text, isSecret });
  return { kind: 'inline', entry, files: { ...beside, [entry]: text } };
}

/**
 * The team file of the project that a folder belongs to: looked for in the folder and upwards to the root of its git repository; without one to the home folder when
 * that is above, else in the folder alone, so that nothing in a shared folder such as /tmp is taken. Undefined when there is none. Such a team is
 * untrusted (R4). Both paths are absolute.
 */
export function findProjectTeam(folder: string, home: string): Promise<string | undefined> {
  return findInProject(folder, home, TEAM_FILE_NAMES);
}

/** The nearest of some files of a project, looked for in the same folders. */
export async function findInProject(
  folder: string,
  home: string,
  wanted: readonly string[],
): Promise<string | undefined> {
  const above = ancestors(folder);
  const names = await Promise.all(above.map((path) => namesIn(path)));
  const repository = names.findIndex((entries) => entries.includes('.git'));
  const last = repository === -1 ? Math.max(0, above.indexOf(home)) : repository;
  for (const [index, path] of above.slice(0, last + 1).entries()) {
    const name = wanted.find((candidate) => names[index]?.includes(candidate));
    if (name !== undefined) return join(path, name);
  }
  return undefined;
}

/** The folder and all above it, nearest first. */
function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestors(above)];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw await unreadable(path, cause);
  }
}

async function teamOfFolder(folder: string): Promise<string> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw await unreadable(folder, cause);
  }
  const name = TEAM_FILE_NAMES.find((candidate) => names.includes(candidate));
  if (name !== undefined) return join(folder, name);
  throw invalidFile(folder, `this folder has no team; it would be in ${TEAM_FILE_NAMES.join(', ')}`);
}

async function readTeamFile(path: string): Promise<Uint8Array> {
  try {
    const status = await stat(path);
    // Anything else may block for ever or never end.
    if (!status.isFile()) throw invalidFile(path, 'is not a regular file');
    if (status.size > MAX_TEAM_BYTES)
      throw invalidFile(path, 'is over 1 MiB; a team file holds the team alone');
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof YonderError) throw cause;
    throw await unreadable(path, cause);
  }
}

/** The text of a team file; what is no UTF-8 is `invalid_team`. */
export function decode(path: string, bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw invalidFile(path, 'is UTF-16; save it as UTF-8');
  }
  if (bytes.includes(0)) throw invalidFile(path, 'is binary, not a team file');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalidFile(path, `is not UTF-8 (byte ${firstBadByte(bytes)}); save it as UTF-8`, cause);
  }
}

/** The number, from 1, of the first byte that is not UTF-8. */
function firstBadByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let index = 0; index < bytes.length; index++) {
    try {
      decoder.decode(bytes.subarray(index, index + 1), { stream: true });
    } catch {
      // The decoder's throw is the answer: here the text stops being UTF-8.
      return index + 1;
    }
  }
  return bytes.length;
}

async function unreadable(path: string, cause: unknown): Promise<YonderError> {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const near = suggestion(basename(path), await namesIn(dirname(path)));
    return invalidFile(path, `there is no such team file${near}`, cause);
  }
  if (code === 'EACCES' || code === 'EPERM') return invalidFile(path, 'may not be read by this user', cause);
  return invalidFile(path, `cannot be read (${code || String(cause)})`, cause);
}

/** The names in a folder; none where it cannot be listed, since then nothing in it can be named or found. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) return [];
    throw cause;
  }
}
