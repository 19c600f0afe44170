import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import { withFileLock } from '../../process/file-lock.ts';
import { findProgram } from '../../process/shell.ts';
import { Roots } from '../../runner/providers/unix-local/roots.ts';
import { missingBlobs } from './blobs.ts';
import { capture } from './capture.ts';
import { compare } from './compare.ts';
import { mergeChanges, type RestorePlan } from './merge.ts';
import { forgetSession, holdTree, pruneOld } from './references.ts';
import { conflictsOf, restore } from './restore.ts';
import { openShadow, type Shadow } from './shadow.ts';
import type { Changes, Picture } from './types.ts';

export interface SnapshotOptions {
  /** Holds the shadow repositories; made at the first snapshot. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly own_folders: readonly string[];
  readonly now: () => Date;
}

/** Where a session works, and as whom its snapshots are kept. */
export interface SnapshotPlace {
  readonly session_id: string;
  readonly folder: string;
}

export interface RestoreRequest {
  /** Oldest first. */
  readonly turns: readonly Changes[];
  /** Called with the number of paths before the first of them is touched: the place to record the intent. */
  begin(paths: number): Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** Snapshots of folders on this machine: shadow git repositories in a folder of ours. Every act holds the folder's write lock (R38). */
export class Snapshots {
  readonly #options: SnapshotOptions;
  readonly #shadows = new Map<string, Promise<Shadow>>();

  constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  /** The git that is used; `unsupported` in words where there is none. */
  program(): string {
    const found = findProgram('git', this.#options.env, '/');
    if (found !== null) return found;
    const message =
      'snapshots are not supported here: they need git, and there is none on PATH; install it, or start with --no-snapshots';
    throw new YonderError('unsupported', message, { details: { feature: 'snapshots', place: 'here' } });
  }

  /** The folder that paths of its snapshots are relative to: every link resolved. */
  realFolder({ folder }: SnapshotPlace): string {
    return realpathSync(folder);
  }

  /** The folder as it is now. */
  take({ folder, session_id }: SnapshotPlace, signal?: AbortSignal): Promise<Picture> {
    return this.#locked(folder, signal, async (shadow) => {
      await pruneOld(shadow, this.#options.now().getTime(), signal);
      const picture = await capture(shadow, signal);
      holdTree(shadow, session_id, picture.tree, picture.tree);
      return picture;
    });
  }

  async compare(
    place: SnapshotPlace,
    before: Picture,
    after: Picture,
    signal?: AbortSignal,
  ): Promise<Changes> {
    return compare(await this.#shadow(place.folder), before, after, signal);
  }

  /** Takes back what these turns did, all of it or, with `conflict` naming the paths, nothing. */
  restore({ folder }: SnapshotPlace, request: RestoreRequest): Promise<RestorePlan> {
    return this.#locked(folder, request.signal, async (shadow) => {
      const roots = new Roots({ workspace: folder });
      try {
        const plan = mergeChanges(request.turns);
        await this.#assertWhole(shadow, plan, request.signal);
        const paths = conflictsOf(roots, plan);
        if (paths.length > 0) throw conflict(paths);
        await request.begin(plan.paths.length);
        await restore(shadow, roots, plan, request.signal);
        return plan;
      } finally {
        roots.close();
      }
    });
  }

  async #assertWhole(shadow: Shadow, plan: RestorePlan, signal: AbortSignal | undefined): Promise<void> {
    const ids = plan.paths.flatMap(({ to }) => (to === null ? [] : [to.id]));
    const missing = await missingBlobs(shadow, [...new Set(ids)], signal);
    if (missing.length === 0) return;
    throw new YonderError(
      'not_found',
      'the snapshots of that turn are not there any more: they are kept for 7 days; nothing was changed',
    );
  }

  /** With the session go its snapshots, in every folder that it worked in. */
  async forget(session_id: string): Promise<void> {
    const { root, env } = this.#options;
    await forgetSession(root, session_id, (home) => ({
      program: this.program(),
      git_dir: join(home, 'git'),
      work_tree: home,
      index: join(home, 'index'),
      env,
    }));
    this.#shadows.clear();
  }

  async #locked<Result>(
    folder: string,
    signal: AbortSignal | undefined,
    act: (shadow: Shadow) => Promise<Result>,
  ): Promise<Result> {
    const shadow = await this.#shadow(folder);
    return withFileLock(shadow.lock, signal, () => act(shadow));
  }

  #shadow(folder: string): Promise<Shadow> {
    const known = this.#shadows.get(folder);
    if (known !== undefined) return known;
    const { root, env, own_folders } = this.#options;
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const opening = openShadow({ root, folder, git: this.program(), env, own_folders });
    this.#shadows.set(folder, opening);
    opening.catch(() => this.#shadows.delete(folder));
    return opening;
  }
}

const SHOWN = 20;

function conflict(paths: readonly string[]): YonderError {
  const shown = paths.slice(0, SHOWN).join(', ');
  const more = paths.length > SHOWN ? ` and ${paths.length - SHOWN} more` : '';
  return new YonderError(
    'conflict',
    `somebody else changed what is to be taken back: ${shown}${more}; nothing was changed. Put these as the turn left them, or take them away, and try again`,
    { details: { paths } },
  );
}
