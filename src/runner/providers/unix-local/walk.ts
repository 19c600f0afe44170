import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { posix } from 'node:path';
import { YonderError } from '../../../protocol/errors.ts';
import type { PathUse } from '../../../protocol/workspace.ts';
import { runnerError } from '../../../protocol/runner-session.ts';
import { checkPath, escapeError, fileError, isWithin, LINK_LIMIT } from '../../path-rule.ts';
import { O_PATH, type Root, type Roots } from './roots.ts';

/** Where a path ends: a folder that is held, and a name in it that is no link (or is wanted as a link). */
export interface Located {
  /** Reaches the thing through the held folder, whatever happens to the folders above it. */
  readonly reach: string;
  /** Reaches the held folder itself. */
  readonly folder: string;
  /** The name in that folder; `.` for a root. */
  readonly name: string;
  /** Absolute, resolved, for people and for results. */
  readonly path: string;
  readonly root: Root;
  /** What stood there when we looked; undefined when nothing did. */
  readonly stat: Stats | undefined;
  /** Where nothing is held: fails with `path_escape` when the folder has been exchanged since. Asked after the act. */
  assertUnmoved(): void;
  close(): void;
}

export interface WalkOptions {
  readonly use: PathUse;
  /** Whether a link at the end is followed. Default true. */
  readonly follow?: boolean;
  /** Make missing folders on the way. */
  readonly parents?: boolean;
  /** Only the place is asked for, so folders on the way may be missing; `reach` then leads nowhere. */
  readonly missing?: boolean;
}

/**
 * Finds a path under the roots, link by link. On Linux each folder is opened from the one before without following
 * links, and links are followed by hand, so that no exchange of a folder in the meantime leads out of the roots.
 * Elsewhere real paths are compared before and, by `assertUnmoved`, after the act.
 */
export function locate(roots: Roots, path: string, options: WalkOptions): Located {
  roots.assertOpen();
  checkPath(path);
  const walk = new Walk(roots, path, options);
  try {
    return walk.run();
  } catch (error) {
    walk.close();
    throw fileError(path, error);
  }
}

const FOLDER = constants.O_DIRECTORY | constants.O_NOFOLLOW;

class Walk {
  readonly #roots: Roots;
  readonly #asked: string;
  readonly #options: WalkOptions;
  #root: Root;
  /** Folders below the root, from the top; the path runs through them. */
  #folders: { name: string; descriptor: number }[] = [];
  #todo: string[] = [];
  #jumps = 0;

  constructor(roots: Roots, asked: string, options: WalkOptions) {
    this.#roots = roots;
    this.#asked = asked;
    this.#options = options;
    this.#root = roots.workspace;
  }

  run(): Located {
    this.#begin();
    for (;;) {
      const name = this.#todo.shift();
      if (name === undefined) return this.#located('.', lstatSync(`${this.#reach()}/.`));
      if (name === '' || name === '.') continue;
      if (name === '..') {
        this.#up();
        continue;
      }
      const last = this.#todo.every((part) => part === '' || part === '.');
      if (!last) {
        const missing = this.#enter(name);
        if (missing !== null) return this.#located(missing, undefined);
        continue;
      }
      const stat = lstatSync(`${this.#reach()}/${name}`, { throwIfNoEntry: false });
      if (stat?.isSymbolicLink() === true && this.#options.follow !== false) this.#follow(name);
      else return this.#located(name, stat);
    }
  }

  #begin(): void {
    if (posix.isAbsolute(this.#asked)) {
      this.#restart(this.#asked, []);
    } else {
      this.#todo = this.#asked.split('/');
      this.#roots.refresh(this.#root);
    }
  }

  close(): void {
    for (const { descriptor } of this.#folders.splice(0)) if (descriptor >= 0) closeSync(descriptor);
  }

  #reach(): string {
    if (!this.#roots.descriptors) return this.#path();
    return `/proc/self/fd/${this.#folders.at(-1)?.descriptor ?? this.#root.descriptor}`;
  }

  #path(): string {
    const below = this.#folders.map((folder) => folder.name).join('/');
    return below === '' ? this.#root.path : posix.join(this.#root.path, below);
  }

  #up(): void {
    const left = this.#folders.pop();
    if (left === undefined) this.#restart(posix.dirname(this.#root.path), this.#todo);
    else if (left.descriptor >= 0) closeSync(left.descriptor);
  }

  /** Goes into a folder, or returns what is left of the path where that may be missing. */
  #enter(name: string): string | null {
    const path = `${this.#reach()}/${name}`;
    const byDescriptor = this.#roots.descriptors;
    try {
      const descriptor = openSync(path, byDescriptor ? O_PATH | FOLDER : FOLDER);
      // Without descriptors nothing is held: only the kind of the thing was asked.
      if (!byDescriptor) closeSync(descriptor);
      this.#folders.push({ name, descriptor: byDescriptor ? descriptor : -1 });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT') {
        const rest = this.#restOfMissing(name);
        if (this.#options.missing === true) return rest;
        if (this.#options.parents !== true) throw error;
        makeFolder(path);
        this.#todo.unshift(name);
      } else if ((code === 'ENOTDIR' || code === 'ELOOP') && lstatSync(path).isSymbolicLink()) {
        this.#follow(name);
      } else {
        throw error;
      }
    }
    return null;
  }

  /** Below a folder that is missing there are no links, so `..` is a matter of spelling; it must not lead out either. */
  #restOfMissing(name: string): string {
    const { use } = this.#options;
    const whole = posix.normalize([this.#path(), name, ...this.#todo].join('/'));
    if (!this.#roots.find(whole, use)) throw escapeError(this.#asked, use, this.#roots.workspace.path, whole);
    return posix.relative(this.#path(), whole);
  }

  #follow(name: string): void {
    this.#count();
    const target = readlinkSync(`${this.#reach()}/${name}`);
    if (posix.isAbsolute(target)) this.#restart(target, this.#todo);
    else this.#todo.unshift(...target.split('/'));
  }

  /** Goes on from an absolute path. Outside of every root by its spelling, it may still lead into one by its links. */
  #restart(path: string, rest: readonly string[]): void {
    this.close();
    this.#count();
    const { use } = this.#options;
    const whole = [path, ...rest].join('/').replaceAll(/\/{2,}/g, '/');
    const spelled = this.#roots.find(whole, use);
    const resolved = spelled ? whole : realPart(whole);
    const match = spelled ?? (resolved === null ? null : this.#roots.find(resolved, use));
    if (!match) throw escapeError(this.#asked, use, this.#roots.workspace.path, resolved ?? whole);
    this.#root = match.root;
    this.#roots.refresh(match.root);
    this.#todo = match.rest.split('/');
  }

  #count(): void {
    this.#jumps += 1;
    if (this.#jumps <= LINK_LIMIT) return;
    throw new YonderError('invalid_request', `${this.#asked} leads through more than ${LINK_LIMIT} links`);
  }

  #located(name: string, stat: Stats | undefined): Located {
    const folder = this.#reach();
    const path = name === '.' ? this.#path() : posix.join(this.#path(), name);
    if (isWithin('/proc', path)) {
      throw runnerError(
        'path_escape',
        `${this.#asked} is in /proc, which holds processes, not files: it is never opened`,
      );
    }
    return {
      reach: `${folder}/${name}`,
      folder,
      name,
      path,
      root: this.#root,
      stat,
      assertUnmoved: () => this.#assertUnmoved(),
      close: () => this.close(),
    };
  }

  #assertUnmoved(): void {
    if (this.#roots.descriptors) return;
    const expected = this.#path();
    const found = realpathSync(expected);
    if (found !== expected)
      throw escapeError(this.#asked, this.#options.use, this.#roots.workspace.path, found);
  }
}

/** The real path of as much as exists, and the rest as it is written; null where this user may not look, which is no way into a root. */
function realPart(path: string): string | null {
  for (let existing = path, rest = ''; ; existing = posix.dirname(existing)) {
    try {
      return posix.join(realpathSync(existing), rest);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EACCES' || code === 'EPERM') return null;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
      rest = posix.join(posix.basename(existing), rest);
    }
  }
}

/** Makes a folder; one that is there already, made by somebody else a moment ago, will do. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
