import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SearchQuery, Workspace } from '../../../src/protocol/workspace.ts';
import { findProgram } from '../../../src/process/shell.ts';
import { ripgrepUnderstands } from '../../../src/runner/providers/unix-local/ripgrep.ts';
import { type LocalPlace, localPlace } from './local.ts';

const FILES: Record<string, string | Uint8Array> = {
  '.gitignore': 'ignored/\n*.log\n!keep.log\n/only-top\n# comment\n',
  'a.txt': 'needle\nno\nné needle\r\n',
  'a/b/c.ts': 'const needle = 1;\nneedle needle\n',
  'a/only-top': 'needle',
  'a/.gitignore': 'c.md\n',
  'a/c.md': 'needle',
  'a/b/c.md': 'needle',
  'ignored/x': 'needle',
  'ignored/deep/y': 'needle',
  'z.log': 'needle',
  'keep.log': 'needle',
  'only-top': 'needle',
  '.github/w.yml': 'needle',
  '.git/config': 'needle',
  'binary.bin': new Uint8Array([...Buffer.from('needle\n'), 0, 1]),
  'latin.txt': new Uint8Array([0xff, ...Buffer.from(' needle\n')]),
  'wide.txt': `${'x'.repeat(600)} needle`,
  'node_modules/m/i.js': 'needle()',
  empty: '',
  'new\nline': 'needle',
};

let place: LocalPlace;
let own: Workspace;
let withRipgrep: Workspace;
const ripgrep = findProgram('rg', process.env, '/');

beforeAll(async () => {
  place = localPlace();
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(place.root, name)), { recursive: true });
    writeFileSync(join(place.root, name), content);
  }
  writeFileSync(join(place.base, 'secret'), 'needle');
  symlinkSync(join(place.base, 'secret'), join(place.root, 'link'));
  symlinkSync(place.base, join(place.root, 'folder-link'));
  own = await place.open({}, { env: { PATH: '/nowhere' } });
  withRipgrep = await place.open();
});
afterAll(() => place.dispose());

const filesOf = async (query: Omit<SearchQuery, 'limit'>) => {
  const { matches } = await own.search({ limit: 100, ...query });
  return [...new Set(matches.map((match) => match.path.slice(place.root.length + 1)))];
};

test('a search honours .gitignore, leaves out .git, links and binary files, and is sorted', async () => {
  expect(await filesOf({ query: 'needle' })).toEqual([
    '.github/w.yml',
    'a/b/c.ts',
    'a/only-top',
    'a.txt',
    'keep.log',
    'latin.txt',
    'new\nline',
    'node_modules/m/i.js',
    'wide.txt',
  ]);
  expect(await filesOf({ query: 'needle', path: 'a' })).toEqual(['a/b/c.ts', 'a/only-top']);
  expect(await filesOf({ query: 'needle', path: 'ignored' })).toEqual(['ignored/deep/y', 'ignored/x']);
  expect(await filesOf({ query: 'needle', path: 'z.log' })).toEqual(['z.log']);
  expect(await filesOf({ query: 'needle', gitignore: false, exclude: ['*.log', '/a', 'i*/'] })).toEqual([
    '.github/w.yml',
    'a.txt',
    'latin.txt',
    'new\nline',
    'node_modules/m/i.js',
    'only-top',
    'wide.txt',
  ]);
});

test('lines, columns, cut text and the limit', async () => {
  const { matches, truncated } = await own.search({ path: 'a.txt', query: 'needle', limit: 2 });
  expect(truncated).toBe(false);
  expect(matches).toEqual([
    { path: join(place.root, 'a.txt'), line: 1, column: 1, text: 'needle' },
    { path: join(place.root, 'a.txt'), line: 3, column: 4, text: 'né needle' },
  ]);
  expect(await own.search({ path: 'a.txt', query: 'needle', limit: 1 })).toMatchObject({ truncated: true });
  const [wide] = (await own.search({ path: 'wide.txt', query: 'needle', limit: 1 })).matches;
  expect(wide).toMatchObject({ column: 602, text: 'x'.repeat(500) });
});

test.each([
  [{ query: '', limit: 1 }, 'invalid_request'],
  [{ query: '(', is_regex: true, limit: 1 }, 'invalid_request'],
  [{ query: 'x', limit: 0 }, 'invalid_request'],
  [{ query: 'x', path: 'no', limit: 1 }, 'not_found'],
  [{ query: 'x', path: '..', limit: 1 }, 'path_escape'],
  [{ query: 'x', path: 'link', limit: 1 }, 'path_escape'],
])('a search that cannot be says so: %j', async (query, code) => {
  await expect(own.search(query)).rejects.toMatchObject({ code });
});

test('a regular expression that would not come to an end is ended, and the process goes on', async () => {
  const path = join(place.root, 'repeated.txt');
  // Long enough to fail this test, short enough to end one day.
  writeFileSync(path, `${'a'.repeat(31)}b\n`);
  try {
    const query = { path: 'repeated.txt', query: '^(a+)+$', is_regex: true, limit: 1 };
    await expect(own.search(query)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(
        /^the regular expression \^\(a\+\)\+\$ took more than 1000 ms in .*repeated\.txt: /,
      ),
    });
    const { matches } = await own.search({ ...query, query: '^a+b$' });
    expect(matches.map(({ line, column }) => [line, column])).toEqual([[1, 1]]);
  } finally {
    rmSync(path);
  }
});

test.each([
  ['a|b', true],
  ['^\\w+ *\\(\\d{2,}\\)$', true],
  ['a.b', false],
  ['a$b', false],
  ['[^a]', false],
  ['\\s', false],
  ['(?:a)[b-d]', true],
  ['(?=a)', false],
  ['(?<n>a)', false],
  ['(a)\\1', false],
  ['\\bé', false],
  ['\\W', false],
  ['[a&&b]', false],
  ['\\u0041', false],
])('ripgrep is asked only what it understands as we do: %s', (query, is_regex) => {
  expect(ripgrepUnderstands({ query, is_regex: true, limit: 1 })).toBe(is_regex);
});

const WHY = 'ripgrep is not installed: the two ways are compared where it is';
describe.skipIf(ripgrep === null)(
  `with ripgrep and without it, the answer is the same (else: ${WHY})`,
  () => {
    test.each<Omit<SearchQuery, 'limit'>>([
      { query: 'needle' },
      { query: 'needle', gitignore: false },
      { query: 'needle', path: 'a' },
      { query: 'needle', path: 'ignored' },
      { query: 'needle', exclude: ['*.ts', 'node_modules/'] },
      { query: 'needle$', is_regex: true },
      { query: '^n.*e', is_regex: true },
      { query: 'né n', is_regex: true },
      { query: '-n' },
      { query: 'nothing like this' },
    ])('%j', async (query) => {
      const one = await own.search({ limit: 100, ...query });
      expect(await withRipgrep.search({ limit: 100, ...query })).toEqual(one);
      expect(await withRipgrep.search({ limit: 3, ...query })).toEqual(
        await own.search({ limit: 3, ...query }),
      );
    });

    test('for any expression of a simple kind', async () => {
      const piece = fc.constantFrom(
        'n',
        'e+',
        '[a-n]',
        '.',
        'dle',
        '\\s',
        '\\w*',
        '(?:x|d)',
        '^',
        '$',
        'l?',
        '\\.',
      );
      const query = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
      await fc.assert(
        fc.asyncProperty(query, async (expression) => {
          const search = { query: expression, is_regex: true, limit: 50 };
          expect(await withRipgrep.search(search)).toEqual(await own.search(search));
        }),
        { numRuns: 25 },
      );
    });

    test('it is ripgrep that was asked', () => {
      expect(execFileSync(ripgrep ?? '', ['--version'], { encoding: 'utf8' })).toContain('ripgrep');
    });
  },
);
