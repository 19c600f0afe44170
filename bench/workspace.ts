import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Workspace } from '../src/protocol/workspace.ts';
import { UNIX_LOCAL, unixLocal } from '../src/runner/index.ts';

export interface OpenWorkspace {
  folder: string;
  workspace: Workspace;
  close: () => Promise<void>;
}

/** A workspace of the in-place runner over an empty folder, as a local run opens it. */
export async function openWorkspace(): Promise<OpenWorkspace> {
  const place = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
  const folder = await mkdtemp(path.join(place, 'workspace-'));
  const session = await unixLocal({ spool_dir: path.join(place, 'spool') }).createSession({
    id: 'bench',
    provider_id: UNIX_LOCAL,
    config: { root: folder },
    default_manifest: { entries: [], mounts: [] },
  });
  const workspace = await session.openWorkspace({ workspace: folder });
  return {
    folder,
    workspace,
    async close() {
      await session.close();
      await rm(place, { recursive: true });
    },
  };
}
