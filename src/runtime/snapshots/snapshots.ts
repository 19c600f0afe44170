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
import { atWork, closeTurn, openTurn, sharedPaths } from './turn-ledger.ts';
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

  /** The folder as it is before a turn of the session changes it. */
  open(place: SnapshotPlace, signal?: AbortSignal): Promise<Picture> {
    return this.#locked(place.folder, signal, async (shadow) => {
      await pruneOld(shadow, this.#options.now().getTime(), signal);
      const picture = await hold(shadow, place, signal);
      openTurn(shadow, place.session_id, picture.taken_ms);
      return picture;
    });
  }

  /** The folder as it is when the turn is over, and what changed; `stays` where a turn beside it goes on. */
  close(
    place: SnapshotPlace,
    before: Picture,
    stays: boolean,
    signal?: AbortSignal,
  ): Promise<{ picture: Picture; changes: Changes }> {
    return this.#locked(place.folder, signal, async (shadow) => {
      const { session_id } = place;
      let picture: Picture;
      let changes: Changes;
      try {
        picture = await hold(shadow, place, signal);
        changes = await compare(shadow, before, picture, signal);
      } catch (thrown) {
        // It is over all the same: others must not wait for it.
        closeTurn(shadow, session_id, { opened: before.taken_ms, closed: Date.now(), paths: [] }, stays);
        throw thrown;
      }
      const paths = changes.changes.map((change) => change.path);
      const turn = { opened: before.taken_ms, closed: picture.taken_ms, paths };
      closeTurn(shadow, session_id, turn, stays);
      return { picture, changes };
    });
  }

  /** Takes back what these turns did, all of it or, with `conflict` naming the paths, nothing. */
  restore({ folder, session_id }: SnapshotPlace, request: RestoreRequest): Promise<RestorePlan> {
    return this.#locked(folder, request.signal, async (shadow) => {
      const roots = new Roots({ workspace: folder });
      try {
        const plan = mergeChanges(request.turns);
        await this.#assertWhole(shadow, plan, request.signal);
        assertAlone(atWork(shadow, session_id));
        const paths = conflictsOf(roots, plan);
        if (paths.length > 0) throw conflict(paths);
        assertOwn(plan, sharedPaths(shadow, session_id, request.turns));
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

async function hold(
  shadow: Shadow,
  { session_id }: SnapshotPlace,
  signal: AbortSignal | undefined,
): Promise<Picture> {
  const picture = await capture(shadow, signal);
  holdTree(shadow, session_id, picture.tree, picture.tree);
  return picture;
}

function assertAlone(working: readonly string[]): void {
  if (working.length === 0) return;
  throw new YonderError(
    'conflict',
    `session ${working.join(', ')} is at work in this folder right now; wait for its end or interrupt it; nothing was changed`,
    { details: { sessions: working } },
  );
}

/** What two sessions changed at the same time may be the other's work (R38). */
function assertOwn(plan: RestorePlan, shared: ReadonlySet<string>): void {
  const paths = plan.paths.flatMap(({ path }) => (shared.has(path) ? [path] : []));
  if (paths.length === 0) return;
  const message = `another session was at work at the same time and may have changed these: ${paths.slice(0, SHOWN).join(', ')}; nothing was changed`;
  throw new YonderError('conflict', message, { details: { paths } });
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
