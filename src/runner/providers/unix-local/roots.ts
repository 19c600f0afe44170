import { closeSync, constants, fstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { YonderError } from '../../../protocol/errors.ts';
import type { PathUse, WorkspaceRoots } from '../../../protocol/workspace.ts';
import { checkPath, fileError, isWithin } from '../../path-rule.ts';

/** open(2): only a place in the tree, neither read nor written; node has no name for it. Linux. */
export const O_PATH = 0o10000000;
const ROOT_FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A folder under which paths may lie, held open so that it cannot be exchanged under our feet. */
export interface Root {
  /** As the caller wrote it, made absolute. */
  readonly given: string;
  /** With every link resolved. */
  readonly path: string;
  readonly writable: boolean;
  /** Descriptor of the folder; -1 where paths are not walked by descriptor. */
  descriptor: number;
}

export class Roots {
  readonly workspace: Root;
  readonly all: readonly Root[];
  /** Whether paths are walked by descriptor; false: real paths are compared. */
  readonly descriptors: boolean;
  #closed = false;

  constructor(roots: WorkspaceRoots, descriptors = process.platform === 'linux') {
    this.descriptors = descriptors;
    const opened: Root[] = [];
    const open = (given: string, writable: boolean): Root => {
      const root = openRoot(given, writable, descriptors);
      opened.push(root);
      return root;
    };
    try {
      this.workspace = open(roots.workspace, true);
      for (const folder of roots.add_dirs ?? []) open(folder, true);
      for (const folder of roots.read_roots ?? []) open(folder, false);
    } catch (error) {
      closeAll(opened);
      throw error;
    }
    this.all = opened;
  }

  /** The root that an absolute path lies under, in the resolved spelling or the caller's, and the path below it. */
  find(path: string, use: PathUse): { root: Root; rest: string } | null {
    for (const root of this.all) {
      if (use !== 'read' && !root.writable) continue;
      for (const spelling of [root.path, root.given]) {
        if (isWithin(spelling, path)) return { root, rest: path.slice(spelling.length) };
      }
    }
    return null;
  }

  /** Before every walk: a descriptor that was closed may by now be that of something else. */
  assertOpen(): void {
    if (this.#closed) throw new YonderError('session_closed', 'the workspace is closed');
  }

  /** Opens a root again that was deleted and has been made anew in its place; fails when it is still away. */
  refresh(root: Root): void {
    if (!this.descriptors || fstatSync(root.descriptor).nlink > 0) return;
    try {
      const descriptor = openSync(root.path, ROOT_FLAGS);
      closeSync(root.descriptor);
      root.descriptor = descriptor;
    } catch (error) {
      throw new YonderError('not_found', `the folder ${root.path} is gone`, { cause: error });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeAll(this.all);
  }
}

function openRoot(given: string, writable: boolean, descriptors: boolean): Root {
  checkPath(given);
  if (!isAbsolute(given)) {
    throw new YonderError('invalid_request', `the folder ${given} is not absolute: give its whole path`);
  }
  const absolute = resolve(given);
  try {
    const path = realpathSync(absolute);
    if (!statSync(path).isDirectory()) {
      throw new YonderError('invalid_request', `${given} is not a folder, so it cannot be a workspace`);
    }
    return { given: absolute, path, writable, descriptor: descriptors ? openSync(path, ROOT_FLAGS) : -1 };
  } catch (error) {
    throw fileError(given, error);
  }
}

function closeAll(roots: readonly Root[]): void {
  for (const { descriptor } of roots) if (descriptor >= 0) closeSync(descriptor);
}
