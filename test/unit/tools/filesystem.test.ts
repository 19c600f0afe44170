import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bench, type Bench } from './support.ts';

async function withFiles(files: Record<string, string | Uint8Array>): Promise<Bench> {
  const made = await bench();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(made.root, name, '..'), { recursive: true });
    writeFileSync(join(made.root, name), content);
  }
  return made;
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');

describe('read_file', () => {
  test('gives text as it is, and what is empty in words', async () => {
    const { run } = await withFiles({ a: 'ä\r\nb', empty: '' });
    expect(await run('read_file', { path: 'a' })).toEqual({ output: 'ä\r\nb' });
    expect(await run('read_file', { path: 'empty' })).toEqual({ output: 'empty is empty.' });
  });

  test('stops after 2,000 lines and goes on where it says', async () => {
    const { run } = await withFiles({ a: numbered(2001) });
    const first = (await run('read_file', { path: 'a' })).output;
    expect(first).toBe(
      `${numbered(2000)}[Lines 1 to 2000; the file goes on: read further with offset 2001.]`,
    );
    expect(await run('read_file', { path: 'a', offset: '2001' })).toEqual({ output: 'line 2001\n' });
    expect((await run('read_file', { path: 'a', offset: 5, limit: 2 })).output).toMatch(
      /^line 5\nline 6\n\[Lines 5 to 6;/,
    );
    expect((await run('read_file', { path: 'a', limit: 9999 })).output).toBe(first);
    expect(await run('read_file', { path: 'a', offset: 2002 })).toEqual({
      output: 'Error: a has 2001 lines; offset 2002 is past its end',
      is_error: true,
    });
  });

  test('stops at 64 KiB at the end of a line', async () => {
    const line = `${'x'.repeat(1023)}\n`;
    const { run } = await withFiles({ whole: line.repeat(64), more: line.repeat(65) });
    expect((await run('read_file', { path: 'whole' })).output).toBe(line.repeat(64));
    expect((await run('read_file', { path: 'more' })).output).toBe(
      `${line.repeat(64)}[Lines 1 to 64; the file goes on: read further with offset 65.]`,
    );
    expect((await run('read_file', { path: 'more', offset: 65 })).output).toBe(line);
  });

  test('a line of more than 64 KiB is cut, and the next one can be read', async () => {
    const { run } = await withFiles({ a: `${'x'.repeat(70_000)}\nend` });
    const { output } = await run('read_file', { path: 'a' });
    expect(output.startsWith(`${'x'.repeat(65_536)}\n[Line 1 is longer`)).toBe(true);
    expect(await run('read_file', { path: 'a', offset: 2 })).toEqual({ output: 'end' });
  });

  test('a line far into a large file is found', async () => {
    const { run } = await withFiles({ a: `${'x'.repeat(99)}\n`.repeat(50_000) + 'last' });
    expect(await run('read_file', { path: 'a', offset: 50_001 })).toEqual({ output: 'last' });
  });

  test('binary is refused; text that is not UTF-8 is shown and said', async () => {
    const { run } = await withFiles({ b: Buffer.from([1, 0, 2]), latin: Buffer.from([0x61, 0xe4]) });
    expect((await run('read_file', { path: 'b' })).output).toMatch(/^Error: b is binary \(3 bytes\)/);
    expect((await run('read_file', { path: 'latin' })).output).toMatch(
      /^a\uFFFD\n\[The file is not valid UTF-8/,
    );
  });

  test.each([
    ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
    ['image/jpeg', [0xff, 0xd8, 0xff, 0xe0]],
    ['image/gif', [...Buffer.from('GIF89a')]],
    ['image/webp', [...Buffer.from('RIFF\0\0\0\0WEBP')]],
  ])('%s is a blob, by its bytes', async (media_type, bytes) => {
    const { run, blobs } = await withFiles({ 'dir/picture': Uint8Array.from(bytes) });
    const result = await run('read_file', { path: 'dir/picture' });
    expect(result.parts).toEqual([
      { type: 'file', blob_id: 'blob_1', media_type, size: bytes.length, name: 'picture' },
    ]);
    expect([...(blobs[0] ?? [])]).toEqual(bytes);
  });

  test('an image over 4.5 MB is refused', async () => {
    const { run, root, blobs } = await withFiles({ p: Buffer.from([0xff, 0xd8, 0xff]) });
    truncateSync(join(root, 'p'), 4.5 * 1024 * 1024 + 1);
    expect((await run('read_file', { path: 'p' })).output).toContain('make a smaller one');
    expect(blobs).toEqual([]);
  });

  test('a missing file is told with names near it', async () => {
    const { run } = await withFiles({ 'src/index.ts': '' });
    expect((await run('read_file', { path: 'src/idnex.ts' })).output).toBe(
      'Error: src/idnex.ts does not exist; near it: src/index.ts',
    );
    expect((await run('read_file', { path: 'no/file' })).output).toContain('nor can its folder no be listed');
  });
});

test.each([
  ['NUL', 'a\0b', 'NUL'],
  ['out by ..', '../secret', 'outside the workspace'],
  ['out by a link', 'link', 'outside the workspace'],
  ['a FIFO', 'fifo', 'named pipe'],
  ['a folder', 'folder', 'a folder'],
  ['a device', '/dev/zero', 'outside the workspace'],
  ['the environment', '/proc/self/environ', 'outside the workspace'],
])('%s: every tool with a path gives an error that says so', async (_, path, words) => {
  const { run, root } = await bench();
  writeFileSync(join(root, '..', 'secret'), 'secret');
  symlinkSync('../secret', join(root, 'link'));
  mkdirSync(join(root, 'folder'));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const edits = [{ oldText: 'secret', newText: 'b' }];
  const read = await run('read_file', { path });
  expect(read).toMatchObject({ is_error: true, output: expect.stringContaining(words) });
  expect(await run('read_multiple_files', { paths: [path] })).toMatchObject({ is_error: true });
  expect(await run('edit_file', { path, edits })).toMatchObject({ is_error: true });
  expect(await run('write_file', { path, content: 'x' })).toMatchObject({ is_error: true });
  if (path !== 'folder') {
    expect(await run('list_directory', { path })).toMatchObject({ is_error: true });
    expect(await run('directory_tree', { path })).toMatchObject({ is_error: true });
    expect(await run('create_directory', { paths: [path] })).toMatchObject({ is_error: true });
    expect(await run('remove_directory', { paths: [path] })).toMatchObject({ is_error: true });
  }
  expect(readFileSync(join(root, '..', 'secret'), 'utf8')).toBe('secret');
});

test('read_multiple_files goes on after a failure; JSON on request', async () => {
  const { run } = await withFiles({ a: 'A', b: 'B' });
  expect(await run('read_multiple_files', { paths: '["a","c1","b"]' })).toEqual({
    output:
      '=== a ===\nA\n\n=== c1 ===\nError: c1 does not exist; list_directory shows what is in .\n\n=== b ===\nB',
  });
  expect(JSON.parse((await run('read_multiple_files', { paths: 'a', json: 'true' })).output)).toEqual([
    { path: 'a', content: 'A' },
  ]);
});

test('read_multiple_files stops when one call is full', async () => {
  const { run } = await withFiles({ a: `${'x'.repeat(63)}\n`.repeat(1024) });
  const readings = JSON.parse(
    (await run('read_multiple_files', { paths: ['a', 'a', 'a', 'a', 'a'], json: true })).output,
  );
  expect(readings[3].content).toHaveLength(65_536);
  expect(readings[4].error).toContain('not read');
});

test('list_directory: kinds, cap, empty', async () => {
  const { run, root } = await withFiles({ 'many/f000': '', b: '' });
  symlinkSync('b', join(root, 'a'));
  expect((await run('list_directory', { path: '.' })).output).toBe('LINK a\nFILE b\nDIR  many');
  for (let index = 1; index < 103; index += 1)
    writeFileSync(join(root, 'many', `f${String(index).padStart(3, '0')}`), '');
  const lines = (await run('list_directory', { path: 'many' })).output.split('\n');
  expect(lines).toHaveLength(101);
  expect(lines.slice(-2)).toEqual(['FILE f099', '[3 more are not shown]']);
  mkdirSync(join(root, 'none'));
  writeFileSync(join(root, 'none', 'x\nFILE y'), '');
  expect((await run('list_directory', { path: 'none' })).output).toBe(String.raw`FILE "x\nFILE y"`);
});

test('directory_tree: levels, what git ignores, cap', async () => {
  const made = await withFiles({
    '.gitignore': 'dist/\n*.log\n',
    '.git/config': '',
    'dist/x': '',
    'a.log': '',
    'src/.gitignore': '!keep.log\n',
    'src/keep.log': '',
  });
  expect(JSON.parse((await made.run('directory_tree', { path: '.' })).output)).toEqual({
    name: '.',
    type: 'directory',
    children: [
      { name: '.gitignore', type: 'file' },
      {
        name: 'src',
        type: 'directory',
        children: [
          { name: '.gitignore', type: 'file' },
          { name: 'keep.log', type: 'file' },
        ],
      },
    ],
  });
  for (let index = 0; index < 120; index += 1) writeFileSync(join(made.root, 'src', `f${index}`), '');
  const tree = JSON.parse((await made.run('directory_tree', { path: '.' })).output);
  expect(tree.note).toContain('only 100 entries');
  const all = await bench([{ type: 'filesystem', options: { ignore_vcs: false } }]);
  writeFileSync(join(all.root, '.gitignore'), 'x\n');
  writeFileSync(join(all.root, 'x'), '');
  expect((await all.run('directory_tree', { path: '.' })).output).toContain('"x"');
});

test('search_files_content: places, regular expressions, exclusions, caps', async () => {
  const { run } = await withFiles({
    'a/x.ts': 'one\n  needle()\n',
    'a/y.md': 'needle\n',
    '.gitignore': 'hidden\n',
    hidden: 'needle',
    long: `needle${'z'.repeat(400)}`,
    many: 'hay\n'.repeat(150),
  });
  expect((await run('search_files_content', { path: 'a', query: 'needle' })).output).toBe(
    'a/x.ts:2:3:   needle()\na/y.md:1:1: needle',
  );
  const regex = { path: '.', query: 'need.e\\(', is_regex: 'true', excludePatterns: '*.md' };
  expect((await run('search_files_content', regex)).output).toBe('a/x.ts:2:3:   needle()');
  expect((await run('search_files_content', { path: '.', query: 'needle' })).output).not.toContain('hidden');
  expect((await run('search_files_content', { path: 'long', query: 'needle' })).output).toBe(
    `long:1:1: needle${'z'.repeat(194)}…`,
  );
  const many = (await run('search_files_content', { path: '.', query: 'hay' })).output.split('\n');
  expect(many).toHaveLength(101);
  expect(many[100]).toContain('only the first 100');
  expect((await run('search_files_content', { path: '.', query: 'nowhere' })).output).toBe(
    'Nothing in . matches.',
  );
  expect(await run('search_files_content', { path: '.', query: '(', is_regex: true })).toMatchObject({
    is_error: true,
  });
});

test('write_file makes folders, replaces, previews, and is known again after a crash', async () => {
  const { run, root, tool, context } = await bench();
  expect(await run('write_file', { path: 'a/b/c', content: 'ä\n' })).toEqual({
    output: 'Made a/b/c (3 bytes).',
  });
  expect(await tool('write_file').preview?.({ path: 'a/b/c', content: 'o\n' }, context())).toContain(
    '-ä\n+o\n',
  );
  expect(await tool('write_file').preview?.({ path: 'new', content: 'o\n' }, context())).toContain('+o\n');
  expect(await run('write_file', { path: 'a/b/c', content: 'o\n' })).toEqual({
    output: 'Replaced a/b/c (2 bytes).',
  });
  expect(readFileSync(join(root, 'a/b/c'), 'utf8')).toBe('o\n');
  expect(
    (await tool('write_file').recover?.({ path: 'a/b/c', content: 'o\n' }, context()))?.output,
  ).toContain('has written it');
  expect(await tool('write_file').recover?.({ path: 'a/b/c', content: 'p\n' }, context())).toBeUndefined();
});

test('folders are made, and removed only when empty', async () => {
  const { run, root } = await withFiles({ 'full/x': '', plain: '' });
  expect(await run('create_directory', { paths: ['a/b', 'full'] })).toEqual({
    output: 'Made a/b.\nfull was there already.',
  });
  const removed = await run('remove_directory', { paths: ['a/b', 'full', 'plain'] });
  expect(removed.is_error).toBe(true);
  expect(removed.output).toMatch(/^Removed a\/b\.\nError: full .*not empty.*\nError: plain is not a folder/);
  expect(readdirSync(root).toSorted()).toEqual(['a', 'full', 'plain']);
  expect(statSync(join(root, 'full/x')).isFile()).toBe(true);
});
