import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workspace, WorkspaceRoots } from '../../../src/protocol/workspace.ts';
import { unixLocal, type UnixLocalOptions } from '../../../src/runner/index.ts';

export interface LocalPlace {
  /** A scratch folder; `workspace` and `spool` lie in it. */
  readonly base: string;
  readonly root: string;
  readonly spool: string;
  /** A workspace of a Host of its own. */
  open(roots?: Partial<WorkspaceRoots>, options?: Partial<UnixLocalOptions>): Promise<Workspace>;
  dispose(): Promise<void>;
}

/** A folder with a workspace in place, and as many Hosts on it as a test wants. */
export function localPlace(): LocalPlace {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'yonder-local-')));
  const root = join(base, 'workspace');
  const spool = join(base, 'spool');
  mkdirSync(root);
  const opened: Workspace[] = [];
  return {
    base,
    root,
    spool,
    async open(roots = {}, options = {}) {
      const session = await unixLocal({ spool_dir: spool, ...options }).createSession({
        id: 'here',
        provider_id: 'unix-local',
        config: { root },
        default_manifest: { entries: [], mounts: [] },
      });
      const workspace = await session.openWorkspace({ workspace: root, ...roots });
      opened.push(workspace);
      return workspace;
    },
    async dispose() {
      for (const workspace of opened) await workspace.close();
      rmSync(base, { recursive: true });
    },
  };
}
