import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/runtime/decisions/fold.ts';
import { explainPattern, parsePattern } from '../../../src/runtime/decisions/patterns.ts';
import { fileCall, layer, question } from './calls.ts';

test('a pattern taken apart', () => {
  expect(parsePattern('Shell:CMD=git show HEAD:a:cwd=src/*')).toEqual({
    source: 'Shell:CMD=git show HEAD:a:cwd=src/*',
    tool: 'Shell',
    arguments: [
      { name: 'cmd', glob: 'git show HEAD:a' },
      { name: 'cwd', glob: 'src/*' },
    ],
  });
  expect(parsePattern('github/*')).toEqual({
    source: 'github/*',
    toolset: 'github',
    tool: '*',
    arguments: [],
  });
});

test.each([
  ['', 'it is empty'],
  ['  ', 'it is empty'],
  [':cmd=x', 'a tool must stand before'],
  ['shell:ls', 'after ":" an argument=glob must follow'],
  ['shell:', 'after ":" an argument=glob must follow'],
  ['cmd=ls', 'the tool must come first'],
  ['a/b/c', 'only one "/"'],
  ['/read_file', 'must not be empty'],
  ['filesystem/', 'must not be empty'],
  ['read file', 'cannot be the name of a tool'],
  ['shell:cmd=', 'the glob of "cmd" is empty'],
  [String.raw`shell:cmd=a\ `.trim(), 'escapes nothing'],
])('%j is refused: %s', (pattern, why) => {
  expect(() => parsePattern(pattern)).toThrow(why);
});

describe('paths', () => {
  const allows = (pattern: string, path: string): boolean =>
    decide(
      question(fileCall('edit_file', path), {
        layers: [layer('user', { allow: [pattern] })],
        workspace: '/w',
      }),
    ).decision === 'allow';
  test.each([
    ['edit_file:path=src/*', 'src/a/b.ts', true],
    ['edit_file:path=src/*.ts', 'src/a.ts', true],
    ['edit_file:path=src/*.ts', 'src/a/b.ts', false],
    ['edit_file:path=src/**/*.ts', 'src/a/b.ts', true],
    ['EDIT_FILE:PATH=SRC/A.TS', 'src/a.ts', true],
    ['edit_file:path=./src/a.ts', 'src/a.ts', true],
    ['edit_file:path=/w/src/*', 'src/a.ts', true],
    ['edit_file:path=src/a.ts', '/w/src/a.ts', true],
    ['edit_file:path=src/*', '/etc/passwd', false],
    ['edit_file:path=src/*:mode=x', 'src/a.ts', false],
    ['edit_*', 'src/a.ts', true],
    ['*/edit_file', 'src/a.ts', true],
    ['filesystem/edit_file', 'src/a.ts', true],
    ['shell/edit_file', 'src/a.ts', false],
    ['!edit_file', 'src/a.ts', false],
  ])('%s, %s: %s', (pattern, path, expected) => {
    expect(allows(pattern, path)).toBe(expected);
  });

  test('a deny cannot be walked around', () => {
    for (const path of ['./secret/x', 'a/../secret/x', '/w/secret/x', 'SECRET/x', 'secret//x']) {
      const call = { ...fileCall('edit_file', path), paths: [] };
      const layers = [layer('user', { deny: ['edit_file:path=secret/*'] })];
      const withPaths = fileCall('edit_file', path);
      expect(decide(question(withPaths, { layers, workspace: '/w', mode: 'autonomous' })).decision).toBe(
        'deny',
      );
      expect(decide(question(call, { layers, workspace: '/w', mode: 'autonomous' })).decision).toBe('deny');
    }
  });

  test('an allow must match each of several paths, a deny one', () => {
    const call = fileCall('create_directory', 'a');
    const several = {
      ...call,
      paths: ['a/x', 'b/x'].map((path) => ({ path, use: 'write' as const, inside: true })),
    };
    const verdict = (partial: { allow?: string[]; deny?: string[] }): string =>
      decide(question(several, { layers: [layer('user', partial)] })).decision;
    expect(verdict({ allow: ['create_directory:paths=a/*'] })).toBe('ask');
    expect(verdict({ allow: ['create_directory:paths={a,b}/*'] })).toBe('allow');
    expect(verdict({ deny: ['create_directory:paths=b/*'] })).toBe('deny');
  });
});

describe('explained', () => {
  test('`ls*` is warned about, `ls *` is not', () => {
    expect(explainPattern('shell:cmd=ls*').warnings).toEqual([
      '"ls*" also matches every other program whose name begins with "ls"; write "ls *" for ls with any arguments or none.',
    ]);
    expect(explainPattern('shell:cmd=ls *')).toEqual({
      meaning: 'Calls of built-in shell where each command is "ls", alone or with any arguments.',
      warnings: [],
    });
  });
  test.each([
    ['shell:cmd=sudo *', 'runs its arguments'],
    ['shell:cmd=yonder *', 'never allowed by a pattern'],
    ['*', 'built-in tools only'],
    ['github_create_issue_comment', 'names a built-in tool'],
    ['shel:cmd=rm *', '"shel" is no built-in tool; did you mean "shell"?'],
    ['write_fil', 'did you mean "write_file"?'],
  ])('%s', (pattern, warning) => {
    expect(explainPattern(pattern).warnings.join(' ')).toContain(warning);
  });
});
