import type { Dirent } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { LEFT_BEHIND } from '../protocol/skills.ts';
import { isFolderName, skillFolder } from './resolve-skills.ts';

/** Bytes of the files of a team's skills together: they travel in one request with the team. */
const ALL_FILES_LIMIT = 512 * 1024;
/** Bytes of one. */
const FILE_LIMIT = 256 * 1024;
const MOST_FILES = 500;
const MOST_FOLDERS = 1_000;
const DEEPEST = 3;
const LEFT_OUT = new Set(['.git', 'node_modules', '__pycache__', '.venv']);

export interface SkillFilesInput {
  /** Path of the team file. */
  entry: string;
  text: string;
  /** Names that may hold secrets; they stay here. */
  isSecret: (path: string) => boolean;
}

/**
 * The files of the skills in folders that a team names beside its file, by path from there, to go along with its text. Only what belongs to a `SKILL.md` is taken, and no link out of the
 * team's folder. What cannot go along has in its place why; nothing here throws.
 */
export async function skillFilesOf({
  entry,
  text,
  isSecret,
}: SkillFilesInput): Promise<Record<string, string>> {
  const folders = namedFolders(text);
  if (folders.length === 0) return {};
  const root = dirname(entry);
  const gathering = new Gathering(root, await realpath(root), isSecret);
  for (const folder of folders) await gathering.look(folder, 0);
  return gathering.files;
}

/** Folders in `skills` of agents. A file that cannot be read is for the loader to judge. */
function namedFolders(text: string): string[] {
  if (!/\bskills\b/.test(text)) return [];
  let agents: unknown;
  try {
    agents = (parse(text, { logLevel: 'silent' }) as { agents?: unknown } | null)?.agents;
  } catch {
    return [];
  }
  const entries = Object.values(typeof agents === 'object' && agents !== null ? agents : {}).flatMap(
    (agent: { skills?: unknown } | null) => (Array.isArray(agent?.skills) ? (agent.skills as unknown[]) : []),
  );
  const folders = entries.flatMap((word) =>
    typeof word === 'string' && isFolderName(word) ? (skillFolder(word) ?? []) : [],
  );
  return [...new Set(folders)];
}

class Gathering {
  readonly files: Record<string, string> = {};
  readonly #root: string;
  readonly #realRoot: string;
  readonly #isSecret: (path: string) => boolean;
  #bytes = 0;
  #looked = 0;

  constructor(root: string, realRoot: string, isSecret: (path: string) => boolean) {
    this.#root = root;
    this.#realRoot = realRoot;
    this.#isSecret = isSecret;
  }

  async look(folder: string, depth: number): Promise<void> {
    this.#looked += 1;
    if (this.#looked > MOST_FOLDERS || depth > DEEPEST) return;
    const entries = await this.#list(folder);
    if (entries.some(({ name }) => name === 'SKILL.md')) {
      await this.#take(folder, entries, 0);
      return;
    }
    for (const entry of entries)
      if (entry.isDirectory() || entry.isSymbolicLink())
        await this.look(below(folder, entry.name), depth + 1);
  }

  /** Sorted; nothing where it cannot be listed, or leads out. */
  async #list(folder: string): Promise<Dirent[]> {
    try {
      const real = await realpath(join(this.#root, folder));
      if (!this.#isInside(real)) return [];
      const entries = await readdir(real, { withFileTypes: true });
      return entries.filter(({ name }) => !LEFT_OUT.has(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    } catch (thrown) {
      // Not there, no folder, or not for this user: nothing of it goes along, and the run says that it is missing.
      if (thrown instanceof Error && 'code' in thrown) return [];
      throw thrown;
    }
  }

  async #take(folder: string, entries: readonly Dirent[], depth: number): Promise<void> {
    for (const entry of entries) {
      const path = below(folder, entry.name);
      if (this.#isSecret(path)) continue;
      if (entry.isDirectory()) {
        if (depth < DEEPEST) await this.#take(path, await this.#list(path), depth + 1);
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        if (Object.keys(this.files).length >= MOST_FILES) return;
        this.files[path] = await this.#read(path);
      }
    }
  }

  async #read(path: string): Promise<string> {
    try {
      const real = await realpath(join(this.#root, path));
      if (!this.#isInside(real)) return leftBehind('it leads out of the folder of the team');
      const bytes = await readUpTo(real, FILE_LIMIT);
      if (bytes === undefined) return leftBehind('it is no file');
      if (bytes.byteLength > FILE_LIMIT) return leftBehind(`it has more than ${FILE_LIMIT / 1024} KiB`);
      this.#bytes += bytes.byteLength;
      if (this.#bytes > ALL_FILES_LIMIT)
        return leftBehind(`the skills of the team have more than ${ALL_FILES_LIMIT / 1024} KiB together`);
      return bytes.includes(0) ? leftBehind('it is no text') : decode(bytes);
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
      if (code === '') throw thrown;
      return leftBehind(`it cannot be read (${code})`);
    }
  }

  #isInside(real: string): boolean {
    return real === this.#realRoot || real.startsWith(this.#realRoot === '/' ? '/' : `${this.#realRoot}/`);
  }
}

/** One byte more than the limit where there are more; undefined for what is no regular file, which may never end. */
async function readUpTo(path: string, limit: number): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r');
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const bytes = new Uint8Array(limit + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === bytes.length) return bytes.subarray(0, length);
    }
  } finally {
    await file.close();
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The decoder's throw is the answer.
    return leftBehind('it is no UTF-8 text');
  }
}

function leftBehind(why: string): string {
  return `${LEFT_BEHIND}${why}`;
}

function below(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`;
}
