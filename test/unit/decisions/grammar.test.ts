import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readGrammarFiles } from '../../../src/runtime/decisions/shell/grammar-files.ts';
import { ShellGrammar } from '../../../src/runtime/decisions/shell/grammar.ts';
import { parseShellLine } from '../../../src/runtime/decisions/shell/parse.ts';

test('a line of plain words does not load the grammar; any other does, once', async () => {
  const grammar = new ShellGrammar(() => readGrammarFiles());
  for (const line of [
    'ls',
    ' npm  test ',
    'git log --format=%H a..b',
    'sudo rm -rf x',
    'eval ls x',
    'make A=b @x +y',
  ]) {
    expect((await parseShellLine(line, grammar)).parsed).toBe(true);
  }
  expect(grammar.loads).toBe(0);
  for (const line of ['A=b ls', 'if x', 'ls | wc', "ls 'a'", 'ls $x']) await parseShellLine(line, grammar);
  expect(grammar.loads).toBe(1);
});

test('the files are found beside the module that asks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'grammar-'));
  try {
    for (const name of ['web-tree-sitter/web-tree-sitter.wasm', 'tree-sitter-bash/tree-sitter-bash.wasm']) {
      await cp(fileURLToPath(import.meta.resolve(name)), join(folder, name.slice(name.indexOf('/') + 1)));
    }
    const grammar = new ShellGrammar(() => readGrammarFiles(pathToFileURL(join(folder, 'chunk.js')).href));
    expect((await parseShellLine('ls | wc', grammar)).commands).toHaveLength(2);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a process that ends after some lines does not wait for an optimised grammar', () => {
  const module = (name: string): string =>
    JSON.stringify(new URL(`../../../src/runtime/decisions/shell/${name}.ts`, import.meta.url).href);
  const program = `
    const { ShellGrammar } = await import(${module('grammar')});
    const { readGrammarFiles } = await import(${module('grammar-files')});
    const grammar = new ShellGrammar(() => readGrammarFiles());
    for (let line = 0; line < 10; line += 1)
      await grammar.parse('for x in *; do echo one >> effects | cat -n "$(ls)"; done');
    console.log('parsed');`;
  // A flag that Node's V8 does not know would be complained about on stderr.
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--trace-wasm-compilation-times', '--input-type=module', '-e', program],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(stdout).toContain('parsed');
  expect(stdout.split('\n').filter((line) => line.includes('TurboFan'))).toEqual([]);
});

test('a grammar that cannot be loaded is an error each time, not a verdict', async () => {
  let attempts = 0;
  const grammar = new ShellGrammar(() => {
    attempts += 1;
    return Promise.reject(new Error('gone'));
  });
  for (const expected of [1, 2]) {
    await expect(parseShellLine('ls | wc', grammar)).rejects.toMatchObject({ code: 'internal' });
    expect(attempts).toBe(expected);
  }
});

test('lines that are too long, too deep or too many inside each other are not parsed', async () => {
  const grammar = new ShellGrammar(() => readGrammarFiles());
  expect((await parseShellLine(`ls '${'x'.repeat(70_000)}'`, grammar)).parsed).toBe(false);
  expect((await parseShellLine(`${'('.repeat(300)}ls${')'.repeat(300)}`, grammar)).parsed).toBe(false);
  const nested = await parseShellLine(`${'eval '.repeat(70)}'ls; ls'`, grammar);
  expect(nested.problems.some((problem) => problem.code === 'not_parsed')).toBe(true);
  let line = 'ls; ls';
  for (let depth = 0; depth < 11; depth += 1) line = `eval '${line.replaceAll("'", `'\\''`)}'`;
  expect((await parseShellLine(line, grammar)).problems.some(({ code }) => code === 'not_parsed')).toBe(true);
});
