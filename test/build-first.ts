import { execFileSync } from 'node:child_process';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

/** Before the suites that start the built command: builds dist/ when a source is newer. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/bootstrap.mjs', '--build', 'true'], {
    cwd: root,
    stdio: 'inherit',
  });
}
