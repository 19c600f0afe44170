import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { parseShellLine } from '../../../src/runtime/decisions/shell/parse.ts';
import { readPaths, shellEffect } from '../../../src/runtime/decisions/shell/read-only.ts';
import { grammar } from './calls.ts';

const isInside = (path: string): boolean => posix.resolve('/w', path).startsWith('/w');

async function effectOf(cmd: string, gitConfigIsPlain = true): Promise<string> {
  return shellEffect(await parseShellLine(cmd, grammar), { isInside, gitConfigIsPlain });
}

test.each([
  'ls',
  'ls -la src',
  'cat a.ts b.ts',
  'cat -n "a b.ts"',
  'head -20 a',
  'tail -n 5 a',
  'wc -l a',
  'grep -rn "../x" src',
  'grep -r --include=*.ts x .'.replace('*', String.raw`\*`),
  "rg -n 'rm x' src",
  'rg --files src',
  'pwd',
  'echo hello "a b"',
  'date +%s',
  'date -u',
  'stat a',
  'tree -L 2 src',
  'sort -n a | uniq -c | head -5',
  "cut -d, -f1 'a b'",
  'diff -u a b',
  'du -sh .',
  'which node',
  'whoami; id; uname -a',
  "find . -name '*.ts' -type f -not -path './node_modules/*'",
  'find src',
  'ls && cat a || true',
  'ls 2>/dev/null | wc -l',
  'cat /w/a',
  'git status --short',
  'git diff HEAD~1 -- src/a.ts',
  'git log --oneline -10',
  'git log -n 5 --format=%H',
  'git show HEAD:src/a.ts',
  'git branch --list',
  'git rev-parse --abbrev-ref HEAD',
  'git ls-files src',
  'git --no-pager log',
])('%j only reads', async (cmd) => {
  expect(await effectOf(cmd)).toBe('none');
});

test.each([
  '',
  'rm x',
  './ls',
  '/bin/ls',
  'ls > out',
  'ls $HOME',
  'ls *.ts',
  'ls &',
  'ls && rm x',
  'sudo ls',
  'cat .env',
  "cat '.env'",
  'cat src/../.env',
  'cat /etc/passwd',
  'cat ../x',
  'cat ~/.bashrc',
  'cat a/id_rsa',
  'grep x .env',
  'head -c 10 /dev/sda',
  'tail -f a',
  'env',
  'printenv',
  'find . -delete',
  'find . -exec cat {} +',
  'find . -fprint out',
  'find . -fls out',
  'find /etc -name x',
  'sort -o out a',
  'sort --output=out a',
  'sort --outp out a',
  'sort -uoout a',
  'sort --compress-program=x a',
  'uniq a out',
  'date -s tomorrow',
  'date 01010000',
  'date --set=x',
  'tree -o out',
  'tree -R -H . -L 1',
  'file -C -m x',
  'rg --pre x y',
  'rg --files /etc',
  'grep -f .env x',
  'wc --files0-from=x',
  'diff a /etc/passwd',
  'git push',
  'git -c core.pager=x log',
  'git diff --output=x',
  'git diff --ext-diff',
  'git log --output x',
  'git show HEAD:.env',
  'git diff --no-index /etc/passwd a',
  'git branch new',
  'git branch -D x',
  'git status --unknown',
  'git -C /tmp status',
  'git --git-dir=/tmp/x status',
  'git',
  'yonder ls',
  'ls\u00a0x',
])('%j may do more', async (cmd) => {
  expect(await effectOf(cmd)).toBe('external');
});

test('git only reads where the repository names no program', async () => {
  expect(await effectOf('git status', false)).toBe('external');
});

test('the user adds secrets', async () => {
  const line = await parseShellLine('cat vault/x', grammar);
  expect(shellEffect(line, { isInside, gitConfigIsPlain: true, extraSecrets: ['vault/'] })).toBe('external');
});

test('a line that runs in a folder of secrets reads them', async () => {
  const line = await parseShellLine('cat config', grammar);
  expect(shellEffect(line, { isInside, gitConfigIsPlain: true, cwd: '.ssh' })).toBe('external');
  expect(shellEffect(line, { isInside, gitConfigIsPlain: true, cwd: 'src' })).toBe('none');
});

test('the paths of a line are known before a place is asked', async () => {
  const line = await parseShellLine("cat a 'b c' | grep x && git show HEAD:src/a.ts", grammar);
  expect(readPaths(line, true)).toEqual(['a', 'b c', 'HEAD:src/a.ts', 'src/a.ts']);
  expect(readPaths(line, false)).toBeUndefined();
});
