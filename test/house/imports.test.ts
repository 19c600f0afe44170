import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkImports, judge } from '../../scripts/import-rules.ts';
import { moduleImports } from '../../scripts/module-imports.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

/** A small house of its own, to see the whole check refuse something. */
function house(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'yonder-house-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['src', 'test', 'bench', 'scripts']) mkdirSync(path.join(folder, name));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

test('no file of this repository has an import that the design does not draw', () => {
  expect(checkImports(root).map(({ file, line, message }) => `${file}:${line}: ${message}`)).toEqual([]);
});

test('every way of naming a module is seen, and nothing else', () => {
  const source = [
    '/// <reference types="a" />',
    "import 'b';",
    "import type { C } from './c.ts';",
    "import { type D } from './d.ts';",
    "import e = require('e');",
    "export * from './f.ts';",
    "export { g } from './g.ts';",
    "type H = import('./h.ts').H;",
    "type I = typeof import('./i.ts');",
    "await import('./j.ts');",
    'await import(`./k.ts`);',
    "require('l');",
    "process.getBuiltinModule?.('m');",
    "const { getBuiltinModule } = process; getBuiltinModule('n');",
    "process['getBuiltinModule']('o');",
    'await import(name);',
    "Promise.resolve('x'); path.resolve('y'); export const z = 'import(\"z\")'; // import 'z'",
  ].join('\n');
  const found = moduleImports('a.ts', source).map(({ specifier, line }) => [line, specifier]);
  expect(found.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, './c.ts'],
    [4, './d.ts'],
    [5, 'e'],
    [6, './f.ts'],
    [7, './g.ts'],
    [8, './h.ts'],
    [9, './i.ts'],
    [10, './j.ts'],
    [11, './k.ts'],
    [12, 'l'],
    [13, 'm'],
    [14, 'n'],
    [15, 'o'],
    [16, undefined],
  ]);
});

test('a file that does not parse is an error, not a file without imports', () => {
  expect(() => moduleImports('a.ts', 'import {')).toThrow(SyntaxError);
});

describe('an arrow that the design draws is allowed', () => {
  test.each([
    ['src/protocol/a.ts', 'zod'],
    ['src/process/a.ts', 'node:fs'],
    ['src/runner/a.ts', '../protocol/a.ts'],
    ['src/runner/providers/unix-local/a.ts', '../../../process/a.ts'],
    ['src/client/a.ts', 'eventsource-parser'],
    ['src/model/a.ts', '../runner/a.ts'],
    ['src/tools/a.ts', 'node:path'],
    ['src/runtime/a.ts', '../session/a.ts'],
    ['src/cli/a.ts', '../server/a.ts'],
    ['src/cli/a.ts', '../../package.json'],
    ['src/testing/a.ts', '../runtime/a.ts'],
    ['test/unit/a.test.ts', '../../src/testing/a.ts'],
    ['bench/a.ts', '../src/testing/a.ts'],
    ['scripts/a.ts', '../src/protocol/a.ts'],
  ])('%s imports %s', (file, specifier) => {
    expect(judge(file, specifier)).toBeUndefined();
  });
});

describe('an arrow that the design does not draw is refused', () => {
  test.each([
    ['src/protocol/a.ts', '../process/a.ts', 'protocol/ may not import process/ (src/process/a.ts)'],
    ['src/protocol/a.ts', 'yaml', 'protocol/ may import zod alone, not yaml'],
    ['src/protocol/a.ts', 'node:fs', 'protocol/ runs in a browser and may not import node:fs'],
    ['src/protocol/a.ts', '../../package.json', 'protocol/ may not import package.json'],
    ['src/process/a.ts', '../protocol/a.ts', 'process/ may not import protocol/ (src/protocol/a.ts)'],
    ['src/client/a.ts', 'node:events', 'client/ runs in a browser and may not import node:events'],
    ['src/client/a.ts', 'fs', 'client/ runs in a browser and may not import fs'],
    ['src/client/a.ts', '../runtime/a.ts', 'client/ may not import runtime/ (src/runtime/a.ts)'],
    ['src/session/a.ts', '../runner/a.ts', 'session/ may not import runner/ (src/runner/a.ts)'],
    ['src/server/a.ts', '../runtime/a.ts', 'server/ may not import runtime/ (src/runtime/a.ts)'],
    ['src/team/a.ts', '../config/a.ts', 'team/ may not import config/ (src/config/a.ts)'],
    ['src/model/a.ts', '../process/a.ts', 'model/ may not import process/ (src/process/a.ts)'],
    ['src/model/a.ts', 'node:fs', 'model/ acts through a Workspace and may not import node:fs'],
    [
      'src/tools/a.ts',
      'node:fs/promises',
      'tools/ acts through a Workspace and may not import node:fs/promises',
    ],
    ['src/tools/a.ts', 'child_process', 'tools/ acts through a Workspace and may not import child_process'],
    ['src/tools/a.ts', '../runtime/a.ts', 'tools/ may not import runtime/ (src/runtime/a.ts)'],
    ['src/runtime/a.ts', '../server/a.ts', 'runtime/ may not import server/ (src/server/a.ts)'],
    ['src/runtime/a.ts', '../cli/a.ts', 'runtime/ may not import cli/ (src/cli/a.ts)'],
    ['src/cli/a.ts', '../testing/a.ts', 'cli/ may not import testing/ (src/testing/a.ts)'],
    ['src/testing/a.ts', '../cli/a.ts', 'testing/ may not import cli/ (src/cli/a.ts)'],
    ['src/runtime/a.ts', '../../test/a.ts', 'test/a.ts is in no room of src/'],
    ['src/common/a.ts', '../protocol/a.ts', 'is in no room of DESIGN.md section 3'],
    ['src/runtime/a.ts', '/etc/a.ts', '/etc/a.ts is not a module of ours'],
    ['src/runtime/a.ts', 'data:text/javascript,1', 'data:text/javascript,1 is not a module of ours'],
    [
      'src/tools/a.ts',
      'yonder-agents/runtime',
      'yonder-agents/runtime is this package itself; import the file',
    ],
    ['src/tools/a.ts', undefined, 'names a module by a computed text; write the name out'],
    ['scripts/a.ts', '../src/testing/a.ts', 'scripts/ may not import src/testing'],
  ])('%s imports %s', (file, specifier, message) => {
    expect(judge(file, specifier)).toBe(message);
  });
});

test('the whole check finds a forbidden import of every form, with its line', () => {
  const folder = house({
    'src/client/a.ts': "import { a } from '../protocol/ok.ts';\nimport { b } from '../process/deep.ts';\n",
    'src/process/deep.ts': "export { b } from './deeper.ts';\n",
    'src/process/deeper.ts': "import 'node:os';\nexport const b = 1;\n",
    'src/protocol/ok.ts': 'export const a = 1;\n',
    'src/tools/a.ts': "const fs = await import('node:fs');\n",
    'src/model/a.ts': "\ntype A = import('../runtime/a.ts').A;\n",
    'src/runtime/a.ts': "export type { A } from '../cli/a.ts';\n",
    'src/cli/a.ts': 'export type A = 1;\n',
  });
  expect(checkImports(folder).toSorted((a, b) => a.file.localeCompare(b.file))).toEqual([
    {
      file: 'src/client/a.ts',
      line: 2,
      message: 'reaches node:os through src/process/deep.ts, but runs in a browser',
    },
    { file: 'src/model/a.ts', line: 2, message: 'model/ may not import runtime/ (src/runtime/a.ts)' },
    { file: 'src/runtime/a.ts', line: 1, message: 'runtime/ may not import cli/ (src/cli/a.ts)' },
    {
      file: 'src/tools/a.ts',
      line: 1,
      message: 'tools/ acts through a Workspace and may not import node:fs',
    },
  ]);
});
