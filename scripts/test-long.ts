// `npm run test:long`: the suites that have a long form, in that form.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { longSuites } from './long-suites.ts';

const root = path.dirname(import.meta.dirname);
const suites = longSuites(root).map(({ file }) => file);

console.log(`${suites.length} suites have a long form`);
if (suites.length > 0) {
  const { status } = spawnSync('vitest', ['run', ...suites], {
    cwd: root,
    env: { ...process.env, YONDER_LONG: '1' },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
