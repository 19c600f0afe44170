import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unixLocal } from '../../../src/runner/index.ts';
import { runnerConformance } from '../../../src/testing/runner-conformance.ts';

for (const walk_descriptors of process.platform === 'linux' ? [true, false] : [false]) {
  runnerConformance(`unix-local (${walk_descriptors ? 'by descriptor' : 'by real path'})`, async () => {
    const base = realpathSync(mkdtempSync(join(tmpdir(), 'yonder-conformance-')));
    const workspace = join(base, 'workspace');
    mkdirSync(workspace);
    const provider = () => unixLocal({ spool_dir: join(base, 'spool'), walk_descriptors });
    return {
      provider: provider(),
      anotherHost: provider,
      workspace,
      destination: (default_manifest = { entries: [], mounts: [] }) => ({
        id: 'here',
        provider_id: 'unix-local',
        config: { root: workspace },
        default_manifest,
      }),
      dispose: () => rm(base, { recursive: true }),
    };
  });
}
