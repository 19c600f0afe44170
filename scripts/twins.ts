// `npm run twins`: breaks the code in each of the places of test/twins.ts, one after the other, in a copy, and runs the test that
// must go red by it. Reports those that stay green, and places that are not in the code any more.
//
//   node scripts/twins.ts [PART-OF-A-FILE-NAME]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Twin, TWINS } from '../test/twins.ts';

const root = path.dirname(import.meta.dirname);
const copy = mkdtempSync(path.join(tmpdir(), 'yonder-twins-'));
const vitest = path.join(root, 'node_modules/.bin/vitest');
/** Only the rooms' own tests: none of them needs the built command. */
const COPIED = [
  'src',
  'test',
  'scripts',
  'docs',
  'examples',
  'bin',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];

function faultOf({ file, sound, broken, test, only }: Twin): string | undefined {
  const place = path.join(copy, file);
  const text = readFileSync(place, 'utf8');
  const parts = text.split(sound);
  if (parts.length !== 2) return `what is to be broken stands there ${parts.length - 1} times`;
  writeFileSync(place, parts.join(broken));
  try {
    const { status, stdout } = spawnSync(vitest, ['run', test, ...(only === undefined ? [] : ['-t', only])], {
      cwd: copy,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 180_000,
    });
    if (status === 0) return `${test} stays green`;
    // A file that does not load is red for the wrong reason.
    return /Tests .*\d+ failed/.test(stdout.replaceAll(/\u001B\[[\d;]*m/g, ''))
      ? undefined
      : `${test} did not run`;
  } finally {
    writeFileSync(place, text);
  }
}

let failed = 0;
const wanted = TWINS.filter(({ file }) => file.includes(process.argv[2] ?? ''));
try {
  for (const name of COPIED) cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  for (const twin of wanted) {
    const fault = faultOf(twin);
    if (fault !== undefined) failed += 1;
    console.log(
      `${fault === undefined ? 'red   ' : 'MISSED'} ${twin.file}: ${twin.sound.trim().split('\n')[0]}`,
    );
    if (fault !== undefined) console.log(`       ${fault}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${wanted.length} tried, ${failed} missed`);
process.exitCode = failed === 0 ? 0 : 1;
