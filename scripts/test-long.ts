// `npm run test:long`: the suites that have a long form, in that form. They are those that import test/long.ts, and
// those of the contract, which then run in all arms.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const suites = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => path.join('test', name))
  .filter((file) =>
    /from '(\.\.?\/)+(long|src\/testing\/contract\/(suite|arms))\.ts'/.test(
      readFileSync(path.join(root, file), 'utf8'),
    ),
  );

console.log(`${suites.length} suites have a long form`);
if (suites.length > 0) {
  const { status } = spawnSync('vitest', ['run', ...suites], {
    cwd: root,
    env: { ...process.env, YONDER_LONG: '1' },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
