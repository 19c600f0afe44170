import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decide } from '../../../src/runtime/decisions/fold.ts';
import { layer, question, shellCall } from './calls.ts';

/** What bash really runs: `ls` and `rm` are programs that write down how they were called, and nothing else is there. */
const bash = ['/bin/bash', '/usr/bin/bash'].find((path) => spawnSync(path, ['-c', 'true']).status === 0);
const folder = mkdtempSync(join(tmpdir(), 'against-bash-'));
const log = join(folder, 'log');

beforeAll(() => {
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'work'));
  for (const name of ['ls', 'rm']) {
    // One write for the whole line: two programs of a pipe, or one in the background, write at the same time.
    const script = `#!${bash}\nline="\${0##*/}"; for a in "$@"; do line+=$'\\037'"$a"; done; printf '%s\\036' "$line" >> '${log}'\n`;
    writeFileSync(join(folder, 'bin', name), script);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  for (const name of ['bash', 'sh']) symlinkSync(bash ?? '', join(folder, 'bin', name));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function runsReally(line: string): string[][] {
  writeFileSync(log, '');
  // `wait` so that what was put into the background has written its line.
  const options = {
    cwd: join(folder, 'work'),
    env: { PATH: join(folder, 'bin') },
    input: '',
    timeout: 30_000,
  };
  spawnSync(bash ?? '', ['-c', `${line}\nwait`], options);
  return readFileSync(log, 'utf8')
    .split('\u001e')
    .filter((entry) => entry !== '')
    .map((entry) => entry.split('\u001f'));
}

const PIECES = [
  'ls',
  ' ',
  ' ',
  'rm',
  'rm x',
  '\n',
  ';',
  '&',
  '&&',
  '|',
  '$(',
  '`',
  ')',
  '(',
  '"',
  "'",
  '\\',
  '#',
  'x',
  '-l',
  '>',
  '<',
  '<<E\n',
  '\nE\n',
  '<<<',
  '/dev/null',
  '2>&1',
  '=',
  '$A',
  'A=',
  '{a,b}',
  '$((',
  '))',
  'eval ',
  'sh -c ',
  'if ',
  '; then ',
  '; fi',
  'f() { ',
  '; }',
  '\\\n',
  "$'",
  '[[ ',
  ' ]]',
  '<(',
  '!',
  'command ',
];

describe.skipIf(bash === undefined)('against bash itself', () => {
  test('these attempts would really run something else', () => {
    const ran = (line: string): string[] => runsReally(line).map(([program = '']) => program);
    for (const line of [
      'ls; rm x',
      'ls & rm x',
      'ls $(rm x)',
      'ls <(rm x)',
      'ls # x\nrm y',
      'ls() { rm x; }; ls',
      'ls <<E\n$(rm x)\nE',
      'ls $((a[$(rm x)]))',
      "r''m x",
      "$'\\x72m' x",
      'r\\\nm x',
      '{rm,x}',
      'X=rm; $X y',
      "sh <<< 'rm x'",
      "x='a[$(rm y)]'; echo $((x))",
      'rm <<E x\nE',
      "trap 'rm x' EXIT",
    ]) {
      expect(ran(line)).toContain('rm');
    }
    expect(runsReally('ls a\\ b "c d"')).toEqual([['ls', 'a b', 'c d']]);
  });

  test(
    'what an allow lets run is what bash runs, and what a deny lets run is never rm',
    { timeout: 180_000 },
    async () => {
      let judged = 0;
      const line = fc
        .array(fc.constantFrom(...PIECES), { minLength: 2, maxLength: 8 })
        .map((pieces) => pieces.join(''));
      await fc.assert(
        fc.asyncProperty(fc.constantFrom('ls ', '', 'rm x;'), line, async (start, rest) => {
          const call = await shellCall(start + rest);
          const allowed = decide(question(call, { layers: [layer('user', { allow: ['shell:cmd=ls *'] })] }));
          const denied = decide(
            question(call, { layers: [layer('user', { deny: ['shell:cmd=rm *'] })], mode: 'autonomous' }),
          );
          fc.pre(allowed.decision === 'allow' || denied.decision === 'allow');
          judged += 1;
          const ran = runsReally(start + rest);
          const read = call.shell.commands.map(({ words }) => JSON.stringify(words.map((word) => word.text)));
          const surprises = [
            ...ran.filter(([program]) => denied.decision === 'allow' && program === 'rm'),
            ...ran.filter((words) => allowed.decision === 'allow' && !read.includes(JSON.stringify(words))),
          ];
          expect(surprises).toEqual([]);
        }),
        { numRuns: 60, maxSkipsPerRun: 100 },
      );
      expect(judged).toBeGreaterThanOrEqual(60);
    },
  );
});
