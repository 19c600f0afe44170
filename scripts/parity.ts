// `npm run parity`: the contract suite in all its arms, and docs/parity.md from what it saw.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const seen = path.join(root, 'scripts/generate/parity-seen.json');
const { status } = spawnSync(
  'vitest',
  ['run', '--project', 'rooms', 'test/contract', ...process.argv.slice(2)],
  {
    cwd: root,
    env: { ...process.env, YONDER_LONG: '1', YONDER_SEEN: seen },
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
if (status === 0) {
  const generated = spawnSync(process.execPath, [path.join(root, 'scripts/generate.ts')], {
    stdio: 'inherit',
  });
  process.exitCode = generated.status ?? 1;
}
