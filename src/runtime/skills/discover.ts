import { toYonderError } from '../../protocol/errors.ts';
import type { SkillSource } from '../../protocol/skills.ts';
import { sha256 } from '../../process/digest.ts';
import { isSecretPath } from '../decisions/secrets.ts';
import { readSkillText } from './front-matter.ts';
import type { SkillFiles } from './files.ts';
import type { Skill } from './types.ts';

/** Skills of one session; more are left out, with words. */
export const MOST_SKILLS = 256;
/** Bytes of one SKILL.md, and of one file beside it. */
export const SKILL_FILE_LIMIT = 256 * 1024;
/** Bytes of all texts of a session's skills. */
const ALL_TEXTS_LIMIT = 4 * 1024 * 1024;
const MOST_FILES = 64;
/** Folders between a folder of skills and a skill, and between a skill and one of its files. */
const DEEPEST = 3;
/** Folders that are looked into; a tree without skills must not hold up a run. */
const MOST_FOLDERS = 1_000;
const LEFT_OUT = new Set(['.git', 'node_modules', '.DS_Store', '__pycache__', '.venv']);

/** A folder that may hold skills, or be one. */
export interface SkillFolder {
  source: SkillSource;
  root: string;
  folder: string;
  files: SkillFiles;
  /** As a person reads it. */
  shown(path: string): string;
  /** Whether its absence is said. */
  required: boolean;
}

export interface Discovered {
  skills: Skill[];
  texts: Map<string, string>;
  warnings: string[];
}

/** Looks through folders in their order. What cannot be read is left out with a warning; nothing here throws but an abort. */
export async function discoverSkills(
  folders: readonly SkillFolder[],
  signal?: AbortSignal,
): Promise<Discovered> {
  const walk = new Walk(signal);
  for (const folder of folders) await walk.look(folder, folder.folder, 0);
  return walk.found;
}

class Walk {
  readonly found: Discovered = { skills: [], texts: new Map(), warnings: [] };
  readonly #signal: AbortSignal | undefined;
  /** Folders that were seen, where they really are, by root. */
  readonly #seen = new Set<string>();
  #bytes = 0;
  #looked = 0;
  #full = false;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  async look(place: SkillFolder, path: string, depth: number): Promise<void> {
    this.#signal?.throwIfAborted();
    if (this.#full) return;
    const listing = await this.#list(place, path, depth);
    if (listing === undefined) return;
    if (listing.entries.some(({ name }) => name === 'SKILL.md')) {
      await this.#take(place, path);
      return;
    }
    if (depth >= DEEPEST) return;
    for (const { name, type } of listing.entries) {
      if (type !== 'directory' && type !== 'symlink') continue;
      if (LEFT_OUT.has(name)) continue;
      await this.look(place, below(path, name), depth + 1);
      if (this.#full) return;
    }
  }

  async #list(place: SkillFolder, path: string, depth: number) {
    if (this.#looked >= MOST_FOLDERS || this.found.skills.length >= MOST_SKILLS) {
      this.#full = true;
      const most =
        this.found.skills.length >= MOST_SKILLS ? `${MOST_SKILLS} skills` : `${MOST_FOLDERS} folders`;
      this.#warn(`there are more than ${most}; ${place.shown(path)} and what comes after it is left out`);
      return undefined;
    }
    this.#looked += 1;
    try {
      const listing = await place.files.list(path, 10_000);
      const key = `${place.source} ${place.root} ${listing.path}`;
      if (this.#seen.has(key)) return undefined;
      this.#seen.add(key);
      return listing;
    } catch (thrown) {
      const { code, message } = toYonderError(thrown);
      // A folder that is not there, and a link to a file, are nothing.
      const isNothing = code === 'not_found' || (code === 'invalid_request' && depth > 0);
      if (!isNothing || (place.required && depth === 0)) this.#leave(place.shown(path), message);
      return undefined;
    }
  }

  async #take(place: SkillFolder, folder: string): Promise<void> {
    const path = below(folder, 'SKILL.md');
    const shown = place.shown(path);
    const read = await this.#text(place, path);
    if (read === undefined) return;
    const made = readSkillText(read, folder.slice(folder.lastIndexOf('/') + 1));
    if (typeof made === 'string') {
      this.#leave(shown, made);
      return;
    }
    for (const warning of made.warnings) this.#warn(`the skill ${shown}: ${warning}`);
    this.#bytes += made.text.length;
    if (this.#bytes > ALL_TEXTS_LIMIT) {
      this.#full = true;
      this.#leave(shown, `the skills have more than ${ALL_TEXTS_LIMIT / 1024 / 1024} MiB together`);
      return;
    }
    const { text, warnings: _said, ...rest } = made;
    const digest = sha256(text);
    const files: Record<string, string> = {};
    const more_files = await this.#files(place, folder, '', files, 0);
    this.found.texts.set(digest, text);
    this.found.skills.push({
      ...rest,
      source: place.source,
      root: place.root,
      folder,
      place: shown,
      text: digest,
      files,
      more_files,
    });
  }

  async #text(place: SkillFolder, path: string): Promise<string | undefined> {
    const shown = place.shown(path);
    try {
      const { bytes, size } = await place.files.read(path, SKILL_FILE_LIMIT);
      if (size > SKILL_FILE_LIMIT) {
        const most = `a SKILL.md has at most ${SKILL_FILE_LIMIT / 1024} KiB; move parts of it into files beside it`;
        this.#leave(shown, `it has ${size} bytes; ${most}`);
        return undefined;
      }
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (thrown) {
      this.#leave(shown, thrown instanceof TypeError ? 'it is no UTF-8 text' : toYonderError(thrown).message);
      return undefined;
    }
  }

  /** Pins the files of a skill by their digests; true where there are more than are pinned. */
  async #files(
    place: SkillFolder,
    folder: string,
    inner: string,
    files: Record<string, string>,
    depth: number,
  ): Promise<boolean> {
    let entries: Awaited<ReturnType<SkillFiles['list']>>['entries'];
    try {
      ({ entries } = await place.files.list(below(folder, inner), 1_000));
    } catch {
      // What cannot be listed has no files that could be read later.
      return true;
    }
    for (const { name, type } of entries) {
      const path = inner === '' ? name : `${inner}/${name}`;
      if (LEFT_OUT.has(name) || path === 'SKILL.md' || isSecretPath(path)) continue;
      if (Object.keys(files).length >= MOST_FILES) return true;
      if (type === 'directory') {
        if (depth >= DEEPEST || (await this.#files(place, folder, path, files, depth + 1))) return true;
      } else if (type !== 'other') await this.#pin(place, folder, path, files);
    }
    return false;
  }

  async #pin(place: SkillFolder, folder: string, path: string, files: Record<string, string>): Promise<void> {
    try {
      const { bytes, size } = await place.files.read(below(folder, path), SKILL_FILE_LIMIT);
      files[path] = size > SKILL_FILE_LIMIT ? '' : sha256(bytes);
    } catch {
      // It may not be read, or leads out of its root: no digest is like this one, and a run that asks for it is told why.
      files[path] = 'unreadable';
    }
  }

  #leave(shown: string, why: string): void {
    this.#warn(`the skill ${shown} is left out: ${why}`);
  }

  #warn(message: string): void {
    this.found.warnings.push(message);
  }
}

export function below(folder: string, path: string): string {
  if (path === '') return folder;
  return folder === '.' ? path : `${folder}/${path}`;
}
