// `npm run check`: everything about the code that needs no run of it. Says what failed, then one line for all.
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { lockFaults, longFiles, roomFaults } from './house-rules.ts';
import { checkImports } from './import-rules.ts';

const root = path.dirname(import.meta.dirname);

/** Empty when all is well, else what to print. */
type Step = () => string;

function command(name: string, ...args: string[]): Step {
  return () => {
    const result = spawnSync(name, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    if (result.error !== undefined) return `cannot start ${name}: ${result.error.message}`;
    return result.status === 0
      ? ''
      : `${result.stdout}${result.stderr}` || `${name} ended with ${result.status}`;
  };
}

const steps: Record<string, Step> = {
  types: command('tsc', '-p', '.', '--noEmit'),
  lint: command('oxlint', '--type-aware', '--deny-warnings', '--format=unix', '.'),
  format: command('oxfmt', '--check', '.'),
  imports: () =>
    checkImports(root)
      .map(({ file, line, message }) => `${file}:${line}: ${message}`)
      .join('\n'),
  house: () => [...longFiles(root), ...roomFaults(root)].join('\n'),
  'lock files': () =>
    ['package-lock.json', 'test/parts/package-lock.json']
      .flatMap((lock) => lockFaults(readFileSync(path.join(root, lock), 'utf8')).map((at) => `${lock} ${at}`))
      .join('\n'),
  'dead code': command('knip', '--no-progress'),
  'generated files': command(process.execPath, 'scripts/generate.ts', '--check'),
};

let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  const started = performance.now();
  const output = step();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${output === '' ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (output === '') continue;
  failed += 1;
  console.log(`${output.trimEnd()}\n`);
}
const passed = Object.keys(steps).length - failed;
const tally = process.env['YONDER_TALLY'];
if (tally !== undefined) appendFileSync(tally, `${passed} ${failed}\n`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
